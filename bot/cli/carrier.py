"""`calmline number`."""

import click

from bot.cli.context import settings
from bot.errors import BadSetting
from bot.twilio_api import TwilioApi


@click.command()
@click.argument("number")
def number(number: str) -> None:
    """Point a Twilio NUMBER (+15551234567) at this line.

    Sets its voice URL, status callback and fallback to PUBLIC_URL.

    \b
    Example:
      PUBLIC_URL=https://line.example.com calmline number +15551234567
    """
    chosen = settings()
    if not chosen.public_url:
        raise BadSetting("PUBLIC_URL", "", "it is the address that Twilio is to call")
    pointed = TwilioApi.from_settings(chosen).point_number(number, chosen.public_url)
    click.echo(f"{pointed.number} calls {pointed.voice_url} from now on.")
    if pointed.voice_url_before and pointed.voice_url_before != pointed.voice_url:
        click.echo(f"Until now it called {pointed.voice_url_before}")
