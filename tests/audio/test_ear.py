"""The ear on real speech."""

import tracemalloc

import numpy as np
import pytest

from audio.activity import ActivityModel
from audio.ear import Ear
from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    Interrupted,
    LineHeld,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.ear_port import EarPort
from audio.mulaw import decode_mulaw, encode_mulaw, silence
from audio.signal import MuLaw, Samples8k, mulaw_ms
from tests.audio.spoken import call_of, finals_only, heard_as, run, spoken, without_arousal

PARCEL = "My parcel has not arrived and nobody can tell me where it is."


def events_of(log: list[tuple[int, EarEvent]]) -> list[EarEvent]:
    return [event for _, event in log]


def outline(events: list[EarEvent]) -> list[tuple[object, ...]]:
    """The events as plain tuples, each DecodeWanted with the number of its samples in place of them."""
    return [
        (type(e), *(len(value) if isinstance(value, np.ndarray) else value for value in vars(e).values()))
        for e in events
    ]


def test_a_spoken_sentence_is_one_turn_with_words(activity_model: ActivityModel) -> None:
    speech = spoken(PARCEL)
    log = run(Ear(activity_model), call_of(1000, speech, 1500), answer=finals_only("my parcel"))
    events = [e for e in events_of(log) if isinstance(e, SpeechStarted | TurnEnded | Utterance)]
    started, ended, uttered = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, TurnEnded)
    assert without_arousal([uttered]) == [Utterance(started.start_ms, ended.end_ms, heard_as("my parcel"))]
    assert 600 <= started.start_ms <= 1000
    assert abs(ended.end_ms - (1000 + len(speech) / 8)) < 250


def test_the_onset_is_noticed_within_a_quarter_of_a_second(activity_model: ActivityModel) -> None:
    log = run(Ear(activity_model), call_of(1000, spoken(PARCEL), 200))
    assert next(at_ms for at_ms, event in log if isinstance(event, SpeechStarted)) <= 1250


def test_a_single_word_is_heard(activity_model: ActivityModel) -> None:
    log = run(Ear(activity_model), call_of(1000, spoken("Yes."), 1500), answer=finals_only("yes"))
    assert [type(e) for e in events_of(log)][-1] is Utterance


def test_what_is_to_be_decoded_is_the_speech_and_its_surroundings(activity_model: ActivityModel) -> None:
    speech = spoken(PARCEL)
    events = events_of(run(Ear(activity_model), call_of(1000, speech, 1500)))
    job = [e for e in events if isinstance(e, DecodeWanted) and e.purpose is DecodePurpose.FINAL][-1]
    assert abs(len(job.samples) / 16 - (job.end_ms - job.start_ms)) <= 32
    assert job.start_ms < 1000
    assert job.end_ms > 1000 + len(speech) / 8
    assert np.abs(job.samples).max() == pytest.approx(np.abs(speech).max(), rel=0.1)


def test_a_line_that_only_hisses_begins_no_turn(activity_model: ActivityModel) -> None:
    assert run(Ear(activity_model), call_of(10_000)) == []


def test_a_tone_begins_no_turn(activity_model: ActivityModel) -> None:
    tone = Samples8k((0.3 * np.sin(2 * np.pi * 440 * np.arange(40_000) / 8000)).astype(np.float32))
    assert run(Ear(activity_model), call_of(500, tone, 1500)) == []


def test_a_pause_within_patience_makes_no_second_turn(activity_model: ActivityModel) -> None:
    audio = call_of(500, spoken("I want"), 450, spoken("my money back."), 1500)
    kinds = [type(e) for e in events_of(run(Ear(activity_model), audio))]
    assert kinds.count(SpeechStarted) == kinds.count(TurnEnded) == 1
    assert DecodeUnwanted in kinds


def test_a_pause_that_is_given_time_makes_no_second_turn(activity_model: ActivityModel) -> None:
    turns = []
    for pause_ms in (700, 1_800):
        ear, ended = Ear(activity_model), 0
        audio = call_of(500, spoken("I want"), 1200, spoken("my money back."), 2500)
        for begin in range(0, len(audio), 160):
            events = ear.feed(audio[begin : begin + 160], start_ms=begin // 8)
            events += ear.end_pause_after(pause_ms)
            ended += sum(isinstance(event, TurnEnded) for event in events)
        turns.append(ended)
    assert turns == [2, 1]


def test_the_ear_knows_whether_the_caller_speaks(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    states = [ear.speaking]
    for audio, start_ms in ((call_of(500, spoken(PARCEL)), 0), (silence(1500), 8000)):
        ear.feed(audio, start_ms=start_ms)
        states.append(ear.speaking)
    assert states == [False, True, False]


def purposes(ear: Ear) -> list[DecodePurpose]:
    events = events_of(run(ear, call_of(500, spoken(PARCEL))))
    return [event.purpose for event in events if isinstance(event, DecodeWanted)]


def test_the_caller_is_glanced_at_while_the_line_speaks_and_only_then(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    ear.line_speaks("line-1", "Your order is on its way.")
    assert purposes(ear)[0] is DecodePurpose.GLANCE
    assert DecodePurpose.GLANCE not in purposes(Ear(activity_model))


def test_speech_over_the_line_holds_it_within_a_third_of_a_second(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    ear.line_speaks("line-1", "Your order is on its way.")
    log = run(ear, call_of(1000, spoken(PARCEL)))
    assert next(at_ms for at_ms, event in log if isinstance(event, LineHeld)) <= 1_340


def test_words_over_the_line_stop_it(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    ear.line_speaks("line-1", "Your order is on its way.")
    log = run(ear, call_of(500, spoken(PARCEL)), answer=lambda _job: heard_as("no it is not"))
    [stop] = [event for event in events_of(log) if isinstance(event, Interrupted)]
    assert stop.text == "no it is not"


def test_a_listener_over_the_line_is_known_by_the_words(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model, is_listening=lambda text: text == "mm-hm")
    ear.line_speaks("line-1", "Your order is on its way.")
    log = run(ear, call_of(500, spoken("Okay."), 1500), answer=lambda _job: heard_as("mm-hm"))
    assert not [event for event in events_of(log) if isinstance(event, Interrupted)]


@pytest.mark.parametrize("size", [80, 333, 8000, 50_000])
def test_payloads_of_any_size_give_the_same_events(activity_model: ActivityModel, size: int) -> None:
    audio = call_of(500, spoken("I want my money back."), 1500)
    frames = events_of(run(Ear(activity_model), audio))
    ear, events = Ear(activity_model), []
    for begin in range(0, len(audio), size):
        events += ear.feed(audio[begin : begin + size], start_ms=begin // 8)
    assert outline(events) == outline(frames)


def test_duplicate_frames_change_nothing(activity_model: ActivityModel) -> None:
    audio = call_of(500, spoken("I want my money back."), 1500)
    ear, events = Ear(activity_model), []
    for begin in range(0, len(audio), 160):
        for _ in range(2):
            events += ear.feed(audio[begin : begin + 160], start_ms=begin // 8)
    assert outline(events) == outline(events_of(run(Ear(activity_model), audio)))
    assert ear.dropped_ms == mulaw_ms(audio) // 20 * 20


def test_a_gap_ends_the_turn_and_the_times_after_it_are_the_carriers(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    before = run(ear, call_of(500, spoken("I want my money back.")))
    after = run(ear, call_of(500, spoken("Hello?"), 1500), start_ms=60_000)
    assert [type(e) for e in events_of(before + after)].count(TurnEnded) == 2
    again = [e for e in events_of(after) if isinstance(e, SpeechStarted)][-1]
    assert 60_000 < again.start_ms <= 60_500
    assert ear.gaps_ms > 50_000


def test_an_ear_that_joins_a_running_call_has_no_gap(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    log = run(ear, call_of(500, spoken("Hello?"), 1500), start_ms=90_000)
    assert ear.gaps_ms == 0
    assert log[0][0] > 90_000


def test_a_turn_whose_decoding_fails_is_told(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    events = events_of(run(ear, call_of(500, spoken("Hello?"), 1500)))
    job = next(e for e in events if isinstance(e, DecodeWanted))
    assert [type(e) for e in ear.failed(job.job_id, "too late")] == [Deaf]


def test_an_empty_payload_is_harmless(activity_model: ActivityModel) -> None:
    assert Ear(activity_model).feed(b"", start_ms=0) == []


def test_a_long_call_needs_no_more_memory_than_a_short_one(activity_model: ActivityModel) -> None:
    ear = Ear(activity_model)
    audio = call_of(spoken("I want my money back."), 1200)
    tracemalloc.start()
    kept = []
    for n in range(12):
        run(ear, audio, start_ms=n * mulaw_ms(audio), answer=finals_only("words"))
        kept.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(kept[4:]) - kept[3] < 100_000


def test_the_ear_is_an_ear_port(activity_model: ActivityModel) -> None:
    port: EarPort = Ear(activity_model)
    assert port.end_pause_after(500) == []


def echo_of(line: MuLaw, *, delay_ms: int, level_db: float) -> MuLaw:
    """The line as it comes back, and a second of silence."""
    silent = np.zeros(delay_ms * 8, dtype=np.float32)
    back = np.concatenate((silent, decode_mulaw(line) * np.float32(10 ** (level_db / 20)), np.zeros(8_000)))
    return encode_mulaw(Samples8k(back.astype(np.float32)))


def turns_begun(ear: Ear, heard: MuLaw, *, line: MuLaw) -> int:
    """How many turns begin in what is heard while the line plays, told to the ear 100 ms at a time."""
    begun = 0
    for begin in range(0, len(heard), 160):
        if begin % 800 == 0 and line[begin : begin + 800]:
            ear.line_played(MuLaw(line[begin : begin + 800]), start_ms=begin // 8)
        events = ear.feed(heard[begin : begin + 160], start_ms=begin // 8)
        begun += sum(isinstance(event, SpeechStarted) for event in events)
    return begun


def test_the_lines_own_voice_coming_back_begins_no_turn(activity_model: ActivityModel) -> None:
    line = encode_mulaw(spoken(PARCEL))
    echo = echo_of(line, delay_ms=150, level_db=-20)
    assert turns_begun(Ear(activity_model), echo, line=MuLaw(b"")) > 0
    assert turns_begun(Ear(activity_model), echo, line=line) == 0


def test_a_caller_over_the_echo_of_the_line_is_heard(activity_model: ActivityModel) -> None:
    line = encode_mulaw(spoken(PARCEL))
    echo = decode_mulaw(echo_of(line, delay_ms=150, level_db=-20))
    caller = np.zeros_like(echo)
    words = spoken("No, wait a minute.")
    caller[8_000 : 8_000 + len(words)] = words
    both = encode_mulaw(Samples8k(echo + caller))
    assert turns_begun(Ear(activity_model), both, line=line) == 1
