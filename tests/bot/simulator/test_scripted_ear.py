"""The scripted ear by itself, and beside the real one on the same turns."""

import pytest

from audio.activity import ActivityModel
from audio.ear import Ear
from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeWanted,
    EarEvent,
    Interrupted,
    LineHeld,
    LineReleased,
    NoWords,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.ear_port import EarPort
from audio.mulaw import silence
from audio.signal import MuLaw, Samples8k
from audio.transcript import Transcript
from bot.simulator.scripted_ear import ScriptedEar, ScriptedTurn
from tests.audio.spoken import call_of, heard_as, run, spoken

HELLO = ScriptedTurn(1000, 2600, "hello my parcel is not here")


def played(*turns: ScriptedTurn, ms: int = 6000, line: str = "") -> list[EarEvent]:
    """The events of a call in which every job is answered by the script, at once, perhaps over a line."""
    ear = ScriptedEar(turns, is_listening=lambda text: text == "mm-hm")
    ear.line_speaks("line-1" if line else None, line)
    events: list[EarEvent] = []
    for start_ms in range(0, ms, 20):
        fresh = ear.feed(silence(20), start_ms=start_ms)
        events += fresh
        for job in (event for event in fresh if isinstance(event, DecodeWanted)):
            transcript = ear.transcript_for(job.job_id)
            events += (
                ear.decoded(job.job_id, transcript) if transcript else ear.failed(job.job_id, "scripted")
            )
    return events


def test_a_scripted_turn_is_heard_when_the_script_says() -> None:
    events = played(HELLO)
    started, ended = [e for e in events if isinstance(e, SpeechStarted | TurnEnded)]
    assert 1100 <= started.at_ms <= 1200
    assert 3600 <= ended.at_ms <= 3850


def test_its_words_are_those_of_the_script() -> None:
    [utterance] = [e for e in played(HELLO) if isinstance(e, Utterance)]
    assert utterance.transcript.text == HELLO.text
    assert utterance.transcript.confidence == 0.9


@pytest.mark.parametrize(("kind", "outcome"), [("noise", NoWords), ("failure", Deaf)])
def test_a_turn_may_hold_no_words_or_fail(kind: str, outcome: type[EarEvent]) -> None:
    turn = ScriptedTurn(1000, 2000, "cough", kind="noise" if kind == "noise" else "failure")
    assert isinstance(played(turn)[-1], outcome)


def test_a_partial_holds_the_words_so_far() -> None:
    ear = ScriptedEar([HELLO], partial_every_ms=400)
    [job] = [e for e in ear.feed(silence(1600), start_ms=0) if isinstance(e, DecodeWanted)]
    transcript = ear.transcript_for(job.job_id)
    assert job.purpose is DecodePurpose.PARTIAL
    assert transcript is not None
    assert transcript.text == "hello my"


def test_a_glance_holds_the_words_over_the_line_so_far() -> None:
    ear = ScriptedEar([HELLO])
    ear.line_speaks("line-1", "Your order is on its way.")
    [job] = [e for e in ear.feed(silence(1300), start_ms=0) if isinstance(e, DecodeWanted)]
    transcript = ear.transcript_for(job.job_id)
    assert job.purpose is DecodePurpose.GLANCE
    assert transcript is not None
    assert transcript.text == "hello"


@pytest.mark.parametrize(("text", "told"), [("wait a minute please", [LineHeld, Interrupted]), ("mm-hm", [])])
def test_words_over_the_line_are_those_of_the_script(text: str, told: list[type[EarEvent]]) -> None:
    events = played(ScriptedTurn(1000, 2000, text), line="Your order is on its way.")
    assert [type(e) for e in events if isinstance(e, LineHeld | LineReleased | Interrupted)] == told


def test_a_noise_over_the_line_holds_it_for_a_while() -> None:
    events = played(ScriptedTurn(1000, 2000, "", kind="failure"), line="Your order is on its way.")
    assert [type(e) for e in events if isinstance(e, LineHeld | LineReleased)] == [LineHeld, LineReleased]


def test_turns_closer_than_patience_are_heard_as_one() -> None:
    events = played(ScriptedTurn(1000, 1500, "I want"), ScriptedTurn(2000, 2600, "a refund"))
    assert [e.transcript.text for e in events if isinstance(e, Utterance)] == ["I want a refund"]


def test_turns_further_apart_are_two() -> None:
    events = played(ScriptedTurn(1000, 1500, "I want"), ScriptedTurn(3000, 3600, "a refund"))
    assert [e.transcript.text for e in events if isinstance(e, Utterance)] == ["I want", "a refund"]


def test_an_unknown_job_has_no_transcript_and_takes_no_time() -> None:
    ear = ScriptedEar([HELLO])
    assert ear.transcript_for(7) is None
    assert ear.decode_ms_for(7) == 0


def test_a_decoding_takes_as_long_as_the_script_says() -> None:
    ear = ScriptedEar([ScriptedTurn(0, 500, "yes", decode_ms=420)])
    [job] = [e for e in ear.feed(silence(1000), start_ms=0) if isinstance(e, DecodeWanted)]
    assert ear.decode_ms_for(job.job_id) == 420


def test_it_has_patience_like_the_real_one() -> None:
    ear = ScriptedEar([ScriptedTurn(0, 500, "I want"), ScriptedTurn(1600, 2000, "a refund")])
    events = ear.feed(silence(1000), start_ms=0)
    events += ear.end_pause_after(2000)
    events += ear.feed(silence(5000), start_ms=1000)
    assert sum(isinstance(e, TurnEnded) for e in events) == 1


def test_it_knows_whether_the_caller_speaks_and_misses_nothing() -> None:
    ear = ScriptedEar([HELLO])
    states = []
    for start_ms in (0, 2000, 9000):
        ear.feed(silence(20), start_ms=start_ms)
        states.append(ear.speaking)
    assert states == [False, True, False]
    assert (ear.gaps_ms, ear.dropped_ms) == (0, 0)


@pytest.fixture(scope="module")
def activity_model() -> ActivityModel:
    return ActivityModel()


def test_the_real_ear_says_the_same_in_the_same_order_at_about_the_same_time(
    activity_model: ActivityModel,
) -> None:
    texts = [
        "Hello?",
        "My parcel has not arrived and nobody can tell me where it is.",
        "Give me my money back!",
    ]
    parts: list[Samples8k | int] = []
    script: list[ScriptedTurn] = []
    start_ms = 0
    for text in texts:
        parts += [1200, spoken(text)]
        end_ms = start_ms + 1200 + len(spoken(text)) // 8
        script.append(ScriptedTurn(start_ms + 1200, end_ms, text))
        start_ms = end_ms
    audio = call_of(*parts, 1500)
    real, scripted = told(Ear(activity_model), audio), told(ScriptedEar(script), audio)
    assert [kind for _, kind in real] == [kind for _, kind in scripted]
    assert max(abs(one - other) for (one, _), (other, _) in zip(real, scripted, strict=True)) <= 250


def told(ear: EarPort, audio: MuLaw) -> list[tuple[int, str]]:
    """When what was told; a DecodeWanted with its purpose."""

    def answer(job: DecodeWanted) -> Transcript:
        return heard_as(job.purpose)

    log = run(ear, audio, answer=answer)
    return [(at_ms, f"{type(e).__name__} {getattr(e, 'purpose', '')}") for at_ms, e in log]
