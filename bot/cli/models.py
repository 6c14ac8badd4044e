"""`calmline models` and `calmline warm`."""

import click

from audio.model_choice import model_for
from audio.voice.choose import voices
from bot.cli.context import made_home, progress, settings
from bot.line_config import facts, load_line_config
from bot.warming import warm_voice
from flows.phrases import fixed_sentences


@click.command()
def models() -> None:
    """Fetch the recogniser's model for the line's languages, and name the voices.

    A model that is there already is only named.

    \b
    Example:
      WHISPER_MODEL=base calmline models
    """
    chosen = settings()
    languages = load_line_config(chosen.line_config).languages
    cache = made_home(chosen) / "models"
    with progress("looking for the model") as report:
        _choice, folder = model_for(languages, wished=chosen.whisper_model, cache=cache, report=report)
    click.echo(f"model: {folder}")
    for voice in voices():
        click.echo(f"voice: {voice}")


@click.command()
def warm() -> None:
    """Render every fixed sentence of the line.

    `serve` does so too; done before, it starts sooner.

    \b
    Example:
      LINE_CONFIG=garage.yaml calmline warm
    """
    chosen = settings()
    config = load_line_config(chosen.line_config)
    folder = made_home(chosen) / "voice"
    with progress("rendering the line's sentences") as report:
        cache = warm_voice(config, folder, report=report)
    click.echo(
        f"{len(fixed_sentences(facts(config)))} sentences of {cache.voice.name} are ready in {folder}."
    )
