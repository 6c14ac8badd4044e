"""One call in virtual time: the real call, ledger, journal and judgement against the simulated carrier."""

from collections.abc import Sequence

import pytest

from audio.ear_events import EarEvent, KeyTone
from audio.mulaw import silence
from bot import effects
from bot.call import Call
from bot.effects import Effect
from bot.hearing import SAME_KEY_MS
from bot.journal import read_entry
from bot.simulator.carrier import Ending
from bot.simulator.faults import Faults
from bot.simulator.scripted_ear import ScriptedEar, ScriptedTurn
from bot.simulator.virtual import VirtualCall, tone_voice
from flows.commands import Disposition
from flows.line import LineFacts

INSULT = "You are a stupid useless idiot."
GREETED_MS = 9_000  # by then the greeting has been heard
WARNED_MS = 30_000  # by then a warning given after GREETED_MS has been heard, and the line waits


def turn(start_ms: int, text: str, **more: object) -> ScriptedTurn:
    return ScriptedTurn(start_ms, start_ms + 1_500, text, **more)  # type: ignore[arg-type]


def entries(call: VirtualCall, kind: str) -> list[dict[str, object]]:
    return [entry for entry in map(read_entry, call.journal) if kind in entry]


def said(call: VirtualCall) -> str:
    return " ".join(str(entry["text"]) for entry in entries(call, "playback") if entry["playback"] == "heard")


def endings(call: VirtualCall) -> list[str]:
    return [str(entry["disposition"]) for entry in entries(call, "command") if entry["command"] == "end_call"]


def of(kind: type[Effect], call: VirtualCall) -> Sequence[Effect]:
    return [effect for effect in call.done if isinstance(effect, kind)]


def test_the_greeting_is_on_the_wire_at_once() -> None:
    call = VirtualCall().run(until_ms=500)
    first = call.carrier.heard_by_caller[0]
    assert first.start_ms <= 100


def test_an_abusive_caller_is_warned_hears_it_goes_on_and_is_sent_away_courteously() -> None:
    call = VirtualCall([turn(GREETED_MS, INSULT), turn(WARNED_MS, INSULT)]).run()
    assert endings(call) == [Disposition.ENDED_FOR_ABUSE]
    assert "call us again another time" in said(call)
    assert call.carrier.ending is Ending.SERVER_CLOSED
    assert call.carrier.unplayed_bytes == 0


def test_one_insult_is_warned_and_not_ended() -> None:
    call = VirtualCall([turn(GREETED_MS, INSULT)]).run()
    assert "Insults are not acceptable" in said(call)
    assert endings(call) == [Disposition.SILENT]


def test_the_stream_stays_open_a_moment_after_the_last_word() -> None:
    call = VirtualCall([turn(GREETED_MS, "Goodbye.")]).run()
    last_mark = max(mark.at_ms for mark in call.carrier.marks_returned)
    assert call.carrier.closed_at_ms is not None
    assert call.carrier.closed_at_ms >= last_mark + 300


def test_lost_marks_cannot_keep_the_line_open() -> None:
    faults = Faults(mark_loss=1.0)
    call = VirtualCall([turn(GREETED_MS, "Goodbye."), turn(40_000, "Goodbye.")], faults=faults).run()
    assert call.carrier.ending is Ending.SERVER_CLOSED
    assert call.carrier.unplayed_bytes == 0


def test_a_warning_without_its_acknowledgement_is_given_again_instead_of_ending_the_call() -> None:
    faults = Faults(mark_loss=1.0)
    call = VirtualCall([turn(GREETED_MS, INSULT), turn(WARNED_MS, INSULT)], faults=faults).run()
    assert Disposition.ENDED_FOR_ABUSE not in endings(call)


def test_a_caller_who_talks_over_the_line_stops_it_and_the_log_says_what_was_heard() -> None:
    angry = turn(GREETED_MS, "I have been waiting for an hour and nobody helps me.")
    over = turn(GREETED_MS + 4_500, "No, wait, listen to me please.")
    call = VirtualCall([angry, over]).run(until_ms=25_000)
    cut = [
        entry
        for entry in entries(call, "event")
        if entry["event"] == "line_heard" and not entry["to_its_end"]
    ]
    assert of(effects.CutLine, call)
    assert 0 < int(str(cut[0]["heard_ms"])) < int(str(cut[0]["total_ms"]))


def test_a_murmur_of_assent_does_not_stop_the_line() -> None:
    angry = turn(GREETED_MS, "I have been waiting for an hour and nobody helps me.")
    call = VirtualCall([angry, turn(GREETED_MS + 4_500, "Mm-hm.")]).run(until_ms=40_000)
    assert [entry["playback"] for entry in entries(call, "playback") if entry["line_id"] == "line-3"][
        -1
    ] == "heard"
    assert not [entry for entry in entries(call, "event") if entry["event"] == "spoken_over"]
    [resumed] = [entry for entry in entries(call, "playback") if entry["playback"] == "resumed"]
    assert resumed["text"] == "Mm-hm."


def test_a_warning_is_heard_to_its_end_even_when_spoken_over() -> None:
    call = VirtualCall([turn(GREETED_MS, INSULT), turn(GREETED_MS + 4_500, "Whatever, I do not care.")])
    call.run(until_ms=60_000)
    assert "Insults are not acceptable" in said(call)
    assert not of(effects.CutLine, call)


def test_the_echo_of_the_line_does_not_stop_it() -> None:
    angry = turn(GREETED_MS, "I have been waiting for an hour and nobody helps me.")
    echo = turn(GREETED_MS + 3_000, "still no answer")
    call = VirtualCall([angry, echo]).run(until_ms=20_000)
    assert not [entry for entry in entries(call, "event") if entry["event"] == "spoken_over"]


def test_the_caller_hanging_up_ends_the_call_whatever_is_being_said() -> None:
    call = VirtualCall(faults=Faults(hang_up_at_ms=1_000)).run()
    assert endings(call) == [Disposition.CALLER_LEFT]


def test_a_lost_connection_leaves_the_call_open_and_is_taken_up_from_the_log() -> None:
    first = VirtualCall([turn(GREETED_MS, INSULT)], faults=Faults(drop_socket_at_ms=WARNED_MS)).run()
    assert endings(first) == []
    second = VirtualCall([turn(40_000, INSULT)], journal=first.journal).run()
    assert "We were cut off" in said(second)
    assert endings(second) == [Disposition.ENDED_FOR_ABUSE]


def test_a_process_that_dies_in_mid_sentence_is_replaced_by_another() -> None:
    first = VirtualCall().run(until_ms=1_000)
    second = VirtualCall(journal=list(first.journal)).run(until_ms=10_000)
    seqs = [read_entry(body)["seq"] for body in second.journal]
    assert seqs == list(range(len(seqs)))


def test_sentences_that_are_not_cached_are_rendered_while_the_first_plays() -> None:
    call = VirtualCall(render_ms=300).run(until_ms=8_000)
    renders = of(effects.Render, call)
    assert len(renders) == 3
    assert "recorded" in said(call)


def test_a_farewell_that_cannot_be_rendered_still_ends_the_call() -> None:
    call = VirtualCall(
        [turn(GREETED_MS, "Goodbye.")], render_ms=100, render_fails=lambda text: "Goodbye" in text
    ).run()
    assert endings(call) == [Disposition.SERVED]


def test_an_ear_that_fails_is_told_to_the_caller() -> None:
    call = VirtualCall([turn(GREETED_MS, "hello", kind="failure")]).run(until_ms=20_000)
    assert "would you" in said(call).lower() or "say" in said(call).lower()
    assert [entry for entry in entries(call, "event") if entry["event"] == "ear_failed"]


def test_slow_decoding_is_bridged() -> None:
    call = VirtualCall([turn(GREETED_MS, "My parcel is late.", decode_ms=4_000)]).run(until_ms=20_000)
    assert "moment" in said(call)


def test_words_that_come_late_were_not_spoken_over_the_line_that_bridges_the_wait() -> None:
    call = VirtualCall([turn(GREETED_MS, "My parcel is late.", decode_ms=2_500)]).run(until_ms=20_000)
    bridge = [entry["playback"] for entry in entries(call, "playback") if entry["text"] == "One moment."]
    assert bridge == ["begun", "heard"]
    assert "spoken_over" not in [entry["event"] for entry in entries(call, "event")]


def test_a_key_works_like_words() -> None:
    call = VirtualCall(keys=[(GREETED_MS, "0")]).run()
    assert endings(call) == [Disposition.TRANSFERRED]


def keys(call: Call) -> list[str]:
    return [entry["digit"] for entry in map(read_entry, written(call)) if entry.get("event") == "key_pressed"]


def written(call: Call) -> list[str]:
    return [effect.body for effect in call.take_effects() if isinstance(effect, effects.Write)]


def call_with_tones(*digits: str) -> Call:
    """A call whose caller's keys come as sound, 200 ms after one another."""
    call = Call("CA1", facts=LineFacts(), ear=ToneEar(digits), cached=tone_voice)
    call.start("MZ1")
    for n in range(len(digits)):
        call.hear(silence(20), n * 200)
    return call


class ToneEar(ScriptedEar):
    """Hears one tone with every piece of audio."""

    def __init__(self, digits: Sequence[str]) -> None:
        super().__init__([])
        self.digits = list(digits)

    def feed(self, payload: bytes, *, start_ms: int) -> list[EarEvent]:
        tones = [KeyTone(start_ms, start_ms, self.digits.pop(0))] if self.digits else []
        return [*tones, *super().feed(payload, start_ms=start_ms)]


def test_a_key_that_is_heard_as_sound_is_a_key() -> None:
    assert keys(call_with_tones("4", "4", "7")) == ["4", "4", "7"]


def test_a_key_that_is_heard_and_told_is_one_key() -> None:
    call = call_with_tones("4")
    call.press("4")
    assert keys(call) == ["4"]


def test_a_carrier_that_tells_of_keys_is_not_listened_to_for_tones() -> None:
    call = call_with_tones()
    call.press("7")
    call._ear = ToneEar(["7"])
    call.hear(silence(20), 40)
    assert keys(call) == ["7"]


def test_the_same_key_told_later_is_pressed_again() -> None:
    call = call_with_tones("4")
    call.advance(SAME_KEY_MS + 200)
    call.press("4")
    assert keys(call) == ["4", "4"]


def test_without_a_person_zero_becomes_a_promise() -> None:
    call = VirtualCall(keys=[(GREETED_MS, "0")], facts=LineFacts(person_available=False)).run()
    assert of(effects.Promise, call)


def test_audio_dated_absurdly_far_ahead_is_not_believed() -> None:
    call = VirtualCall().run(until_ms=2_000)
    call.call.hear(b"\xff" * 160, 80_000_000)
    assert call.call.now_ms < 3_000


@pytest.mark.parametrize("network_ms", [0, 80, 200])
def test_the_response_time_in_the_log_is_what_the_wire_saw(network_ms: int) -> None:
    call = VirtualCall([turn(GREETED_MS, "My parcel is late.")], faults=Faults(network_ms=network_ms))
    call.run(until_ms=20_000)
    logged = [entry for entry in entries(call, "playback") if "response_ms" in entry]
    assert 400 <= int(str(logged[0]["response_ms"])) <= 1_400


def test_what_must_survive_is_written_durably_before_the_line_acts_on_it() -> None:
    call = VirtualCall([turn(GREETED_MS, INSULT)]).run(until_ms=WARNED_MS)
    writes = [effect for effect in call.done if isinstance(effect, effects.Write)]
    ruling = next(place for place, write in enumerate(writes) if write.durable)
    warning = next(place for place, write in enumerate(writes) if '"text":"Insults' in write.body)
    assert ruling < warning


GOES_ON = "I have called four times and nobody ever calls me back and"


def long_turn(*, pause_ms: int) -> list[ScriptedTurn]:
    """Nine seconds of talk that stop in the middle of a sentence, and go on after `pause_ms`."""
    stops_ms = GREETED_MS + 9_000
    return [
        ScriptedTurn(GREETED_MS, stops_ms, GOES_ON),
        ScriptedTurn(stops_ms + pause_ms, stops_ms + pause_ms + 2_000, "my parcel is late."),
    ]


def test_a_finished_sentence_is_answered_sooner_than_one_in_its_middle() -> None:
    waits = []
    for text in ("My parcel is late.", "My parcel is late and"):
        call = VirtualCall([turn(GREETED_MS, text)]).run(until_ms=20_000)
        [ended] = [entry for entry in entries(call, "event") if entry["event"] == "turn_ended"]
        waits.append(int(str(ended["at_ms"])) - int(str(ended["end_ms"])))
    assert waits[0] <= 550
    assert waits[1] >= 1_200


def test_a_hesitation_in_a_sentence_is_one_turn() -> None:
    call = VirtualCall(long_turn(pause_ms=1_200)).run(until_ms=40_000)
    assert [entry["text"] for entry in entries(call, "event") if entry["event"] == "heard"] == [
        f"{GOES_ON} my parcel is late."
    ]


def test_a_long_turn_hears_a_sign_in_its_pause_and_never_over_words() -> None:
    call = VirtualCall(long_turn(pause_ms=1_200)).run(until_ms=40_000)
    resumes_ms = GREETED_MS + 9_000 + 1_200
    heard = [run for run in call.carrier.heard_by_caller if GREETED_MS < run.start_ms < resumes_ms]
    assert heard
    assert all(run.start_ms + len(run.audio) // 8 <= resumes_ms + 250 for run in heard)


def test_the_caller_who_goes_on_silences_the_sign() -> None:
    call = VirtualCall(long_turn(pause_ms=700)).run(until_ms=40_000)
    [stop] = [
        entry
        for entry in entries(call, "command")
        if entry["command"] == "stop_speaking" and entry["backchannels_only"]
    ]
    assert stop["why"] == {"evidence": [], "rule": "listen.backchannel"}
