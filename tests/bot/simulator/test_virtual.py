"""A call in virtual time: its made-up ear and voice, held to what the real ones do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from audio.activity import ActivityModel
from audio.ear import Ear
from audio.errors import VoiceFailed
from audio.mulaw import encode_mulaw
from audio.signal import MuLaw
from audio.voice.cache import VoiceCache
from audio.voice.espeak import EspeakVoice
from audio.whisper import Whisper
from bot import effects
from bot.call import Call
from bot.journal import read_entry
from bot.simulator.caller import PlayedCaller, SilentCaller, Turn
from bot.simulator.carrier import Ending
from bot.simulator.loudness import audible_frames
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall, tone_voice
from flows.line import LineFacts
from flows.phrases import fixed_sentences
from tests.audio.spoken import spoken

Render = Callable[[str], MuLaw]

INSULT = "You are a complete idiot, and you are useless."
SENTENCES = fixed_sentences(LineFacts())[::20]


@pytest.fixture(scope="module")
def espeak(whisper_folder: Path) -> VoiceCache:
    """The line's own voice; what other tests have rendered is not rendered again."""
    return VoiceCache(EspeakVoice("en"), whisper_folder.parent.parent / "voice")


@pytest.fixture(params=["the tone", "the real voice"])
def render(request: pytest.FixtureRequest, espeak: VoiceCache) -> Render:
    """Either voice."""
    return tone_voice if request.param == "the tone" else espeak.render


def test_a_sentence_is_audible_from_its_first_tenth_of_a_second_on(render: Render) -> None:
    assert any(audible_frames(render("Hello there."))[:5])


def test_the_same_sentence_always_sounds_the_same(render: Render) -> None:
    assert render("Hello there.") == render("Hello there.")


def test_a_longer_sentence_takes_longer(render: Render) -> None:
    assert len(render("Hello there, and thank you for calling.")) > 1.5 * len(render("Hello there."))


@pytest.mark.parametrize("text", ["", " ", "...", "a" * 2_000])
def test_what_cannot_be_spoken_is_refused(render: Render, text: str) -> None:
    with pytest.raises(VoiceFailed):
        render(text)


def test_the_tone_lasts_about_as_long_as_the_real_voice(espeak: VoiceCache) -> None:
    ratios = [len(tone_voice(text)) / len(espeak.render(text)) for text in SENTENCES]
    assert min(ratios) > 0.5
    assert sum(ratios) / len(ratios) == pytest.approx(1, abs=0.3)


@dataclass
class RealCall(VirtualCall):
    """The same call with the real ear, the real recogniser and the real voice, still in virtual time."""

    parts: tuple[ActivityModel, Whisper, VoiceCache] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.parts is not None
        activity_model, self.whisper, voice = self.parts
        self.call = Call("CA0", facts=self.facts, ear=Ear(activity_model), cached=voice.render)

    def _decode(self, job_id: int) -> None:
        wanted = self.done[-1]
        assert isinstance(wanted, effects.Decode)
        transcript = self.whisper.transcribe(wanted.samples)
        self._after(150, partial(self.call.decoded, job_id, transcript))


def decisions(call: VirtualCall) -> list[tuple[Any, ...]]:
    """What was said and ruled in a call, in order."""
    kinds = ("command", "clauses", "situation", "after")
    entries = [read_entry(body) for body in call.journal]
    return [
        tuple(entry.get(kind) for kind in kinds)
        for entry in entries
        if entry.get("command") in {"say", "rule"}
    ]


def test_real_parts_lead_to_the_decisions_that_the_made_up_ones_lead_to(
    activity_model: ActivityModel, whisper: Whisper, espeak: VoiceCache
) -> None:
    caller = PlayedCaller([Turn(encode_mulaw(spoken(INSULT)))])
    real = RealCall(caller=caller, parts=(activity_model, whisper, espeak)).run(until_ms=30_000)
    scripted = VirtualCall([ScriptedTurn(9_000, 11_500, INSULT)]).run(until_ms=30_000)
    assert ("rule", None, "warning_heard", "warned") in decisions(real)
    assert decisions(real) == decisions(scripted)[: len(decisions(real))]


def run(turns: Sequence[ScriptedTurn] = (), **options: Any) -> VirtualCall:
    return VirtualCall(turns, **options).run()


def first_sound_ms(call: VirtualCall) -> int:
    return call.carrier.heard_by_caller[0].start_ms


def test_the_same_script_gives_the_same_log_byte_for_byte() -> None:
    turns = [ScriptedTurn(9_000, 10_500, INSULT)]
    assert run(turns).journal == run(turns).journal


def test_a_caller_who_leaves_ends_the_run() -> None:
    call = run(caller=SilentCaller(patience_s=2))
    assert call.carrier.ending is Ending.CALLER_HUNG_UP
    assert call.now_ms <= 2_100


def test_a_run_is_never_longer_than_it_may_be() -> None:
    assert VirtualCall().run(until_ms=1_000).now_ms == 1_000


def test_rendering_takes_as_long_as_the_script_says() -> None:
    at_once, rendered = run(), run(render_ms=500)
    assert 480 <= first_sound_ms(rendered) - first_sound_ms(at_once) <= 540


def test_decoding_takes_as_long_as_the_script_says() -> None:
    heard_ms = []
    for decode_ms in (1_000, 2_200):
        call = run([ScriptedTurn(9_000, 10_500, "My parcel is late.", decode_ms=decode_ms)])
        heard_ms += [e["at_ms"] for e in map(read_entry, call.journal) if e.get("event") == "heard"]
    assert heard_ms[1] - heard_ms[0] == pytest.approx(1_200, abs=20)


def test_keys_are_pressed_when_the_script_says() -> None:
    call = run(keys=[(9_000, "0")])
    (pressed,) = [e for e in map(read_entry, call.journal) if e.get("event") == "key_pressed"]
    assert (pressed["digit"], pressed["at_ms"]) == ("0", pytest.approx(9_000, abs=40))


def test_a_second_stream_goes_on_in_the_time_of_the_call() -> None:
    first = VirtualCall().run(until_ms=5_000)
    second = VirtualCall(journal=list(first.journal)).run(until_ms=5_000)
    times = [read_entry(body).get("at_ms", 0) for body in second.journal[len(first.journal) :]]
    assert min(times) >= 4_000
