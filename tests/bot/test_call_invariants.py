"""The design's invariants on whole calls: random callers, random faults, virtual time, the carrier as the witness."""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import effects
from bot.journal import read_entry, restore
from bot.ledger import LOST_AFTER_MS
from bot.replay import replay
from bot.simulator.carrier import Ending
from bot.simulator.faults import Faults
from bot.simulator.loudness import audible_frames
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from flows.abuse import REACTION_MS
from flows.decide import CEILING_MS
from flows.line import LineFacts

TEXTS = [
    "You are a stupid useless idiot.",
    "Shut up, you idiot.",
    "I have been waiting for an hour and nobody helps me.",
    "This damn machine is broken again.",
    "My parcel is late.",
    "Yes, please call me back.",
    "No.",
    "Mm-hm.",
    "Thank you, goodbye.",
    "I am sorry I said that.",
    "I want to talk to a person.",
    "I cannot go on any more, I want to die.",
]
TURNS = st.lists(
    st.builds(
        lambda gap_ms, length_ms, text, decode_ms, kind: (gap_ms, length_ms, text, decode_ms, kind),
        st.one_of(st.integers(250, 1_200), st.integers(800, 12_000)),
        st.one_of(st.integers(300, 4_000), st.integers(6_000, 12_000)),
        st.sampled_from(TEXTS),
        st.integers(50, 2_500),
        st.sampled_from(["words"] * 8 + ["noise", "failure"]),
    ),
    max_size=8,
)
FAULTS = st.builds(
    Faults,
    seed=st.integers(0, 1_000),
    jitter_ms=st.sampled_from([0, 0, 60]),
    loss=st.sampled_from([0.0, 0.0, 0.05]),
    duplicate=st.sampled_from([0.0, 0.05]),
    mark_loss=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
    mark_delay_ms=st.sampled_from([0, 100, 700]),
    network_ms=st.sampled_from([0, 60]),
    hang_up_at_ms=st.one_of(st.none(), st.none(), st.integers(0, 60_000)),
    drop_socket_at_ms=st.one_of(st.none(), st.none(), st.integers(0, 60_000)),
)


def scripted(parts: list[tuple[int, int, str, int, str]]) -> list[ScriptedTurn]:
    """Turns one after the other, with the given pauses between them."""
    turns, at_ms = [], 2_000
    for gap_ms, length_ms, text, decode_ms, kind in parts:
        start_ms = at_ms + gap_ms
        at_ms = start_ms + length_ms
        turns.append(ScriptedTurn(start_ms, at_ms, text, decode_ms=decode_ms, kind=kind))  # type: ignore[arg-type]
    return turns


def ran(parts: list[tuple[int, int, str, int, str]], faults: Faults, *, person: bool) -> VirtualCall:
    return VirtualCall(scripted(parts), faults=faults, facts=LineFacts(person_available=person)).run()


CALLS = st.builds(ran, TURNS, FAULTS, person=st.booleans())
CLEAN_CALLS = st.builds(ran, TURNS, st.just(Faults.none()), person=st.booleans())
CALL_EXAMPLES = int(os.environ.get("CALL_EXAMPLES", "60"))
"""How many random calls are played; `make soak` asks for thousands."""

EXAMPLES = settings(max_examples=CALL_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plain(call: VirtualCall) -> list[dict[str, Any]]:
    return [read_entry(body) for body in call.journal]


def check_nobody_is_sent_away_without_a_warning_the_carrier_played_to_its_end(call: VirtualCall) -> None:
    """Invariant 1, with the carrier as the witness: its mark came back because the audio was played."""
    entries = plain(call)
    for place, entry in enumerate(entries):
        if entry.get("disposition") != "ended_for_abuse":
            continue
        warnings = {
            e["line_id"]: e
            for e in entries[:place]
            if "limit.warn" in e.get("clauses", ()) and e["protected"]
        }
        played = {mark.name.split("/")[0] for mark in call.carrier.marks_returned if mark.played}
        heard = [e for e in entries[:place] if e.get("line_id") in warnings and e.get("to_its_end")]
        assert heard
        assert {e["line_id"] for e in heard} <= played
        heard_ms = int(str(heard[0]["at_ms"]))
        later = [
            e
            for e in entries[:place]
            if e.get("event") == "heard" and int(str(e["start_ms"])) + REACTION_MS >= heard_ms
        ]
        assert any(e["meaning"]["directed_abuse"] >= 0.8 or e["meaning"]["threat"] >= 0.8 for e in later)


def check_at_most_one_warning_is_heard_to_its_end(call: VirtualCall) -> None:
    """Invariant 2."""
    entries = plain(call)
    warnings = {e["line_id"] for e in entries if "limit.warn" in e.get("clauses", ()) and e["protected"]}
    assert sum(bool(e.get("to_its_end")) and e.get("line_id") in warnings for e in entries) <= 1


def check_the_line_closes_only_when_its_last_words_were_played_and_it_always_closes(
    call: VirtualCall,
) -> None:
    """Invariant 3. Whatever marks are lost, the call is over within the ten minutes of virtual time."""
    in_need = any(e.get("situation") == "person_needed" for e in plain(call))
    assert call.carrier.ending is not None or in_need
    if call.carrier.ending is Ending.SERVER_CLOSED:
        assert call.carrier.unplayed_bytes == 0


def check_the_line_never_starts_speaking_while_the_caller_speaks(call: VirtualCall) -> None:
    """Invariant 6; protected lines may, and backchannels in a pause."""
    speaking = pausing = False
    lines: dict[object, dict[str, Any]] = {}
    for entry in plain(call):
        if entry.get("command") == "say":
            lines[entry["line_id"]] = entry
        elif entry.get("event") == "speech_started":
            speaking, pausing = True, False
        elif entry.get("event") in {"caller_paused", "caller_resumed"}:
            pausing = entry["event"] == "caller_paused"
        elif entry.get("event") in {"turn_ended", "call_resumed"}:
            speaking = False
        elif entry.get("playback") == "begun" and entry["sentence"] == 0:
            line = lines[entry["line_id"]]
            assert not speaking or line["protected"] or (line["backchannel"] and pausing)


def check_a_caller_who_has_finished_hears_something_before_the_ceiling(call: VirtualCall) -> None:
    """Invariant 7: words are followed by the line's voice, by the caller again, or by the end of the call.

    A line whose mark was lost holds the next one back for LOST_AFTER_MS.
    """
    entries = plain(call)
    heard = [
        (e.start_ms, e.start_ms + len(e.payload) // 8) for e in call.done if isinstance(e, effects.RecordLine)
    ]
    for place, entry in enumerate(entries):
        if entry.get("event") != "turn_ended":
            continue
        ended_ms = int(str(entry["at_ms"]))
        until_ms = ended_ms + CEILING_MS + LOST_AFTER_MS + 500
        words = next(
            (e for e in entries[place:] if e.get("start_ms") == entry["start_ms"] and e is not entry), None
        )
        nothing_to_answer = words is None or words.get("event") == "nothing_heard" or _is_backchannel(words)
        caller_again = any(
            e.get("event") in {"speech_started", "caller_left"} and int(str(e["at_ms"])) <= until_ms
            for e in entries[place + 1 :]
        )
        line = any(start_ms <= until_ms and end_ms >= ended_ms for start_ms, end_ms in heard)
        over = call.call.state.over and int(str(entries[-1]["at_ms"])) <= until_ms
        assert nothing_to_answer or caller_again or line or over


def _is_backchannel(words: dict[str, Any]) -> bool:
    meaning = words.get("meaning")
    return isinstance(meaning, dict) and bool(meaning["backchannel"])


def check_replaying_the_log_gives_the_same_commands_and_the_same_state(call: VirtualCall) -> None:
    """Invariant 8."""
    if not call.journal:
        return  # dropped before it began
    assert replay(call.journal).difference is None
    restored = restore(call.journal)
    assert restored is not None
    assert restored.state == call.call.state


def check_the_recording_of_the_line_is_what_the_caller_heard(call: VirtualCall) -> None:
    """Invariant 9: what is handed to the recorder, cuts applied, against what the carrier played."""
    track = bytearray()
    for effect in call.done:
        match effect:
            case effects.RecordLine(payload=payload, start_ms=start_ms):
                track.extend(b"\xff" * (start_ms * 8 - len(track)))
                track[start_ms * 8 :] = payload
            case effects.CutLine(at_ms=at_ms):
                del track[at_ms * 8 :]
    recorded, played = sum(audible_frames(bytes(track))), sum(audible_frames(call.carrier.line_track()))
    cuts = sum(isinstance(effect, effects.CutLine) for effect in call.done)
    assert abs(recorded - played) <= 2 * (cuts + 1) + sum(
        isinstance(effect, effects.Write) and '"begun"' in effect.body for effect in call.done
    )


def check_the_server_breaks_no_rule_of_the_carriers_protocol(call: VirtualCall) -> None:
    assert call.carrier.violations == []


CHECKS = (
    check_nobody_is_sent_away_without_a_warning_the_carrier_played_to_its_end,
    check_at_most_one_warning_is_heard_to_its_end,
    check_the_line_closes_only_when_its_last_words_were_played_and_it_always_closes,
    check_the_line_never_starts_speaking_while_the_caller_speaks,
    check_a_caller_who_has_finished_hears_something_before_the_ceiling,
    check_replaying_the_log_gives_the_same_commands_and_the_same_state,
    check_the_server_breaks_no_rule_of_the_carriers_protocol,
)


@given(CALLS)
@EXAMPLES
def test_every_invariant_holds_on_every_call_whatever_the_caller_and_the_carrier_do(
    call: VirtualCall,
) -> None:
    for check in CHECKS:
        check(call)


@given(CLEAN_CALLS)
@EXAMPLES
def test_every_invariant_holds_on_a_perfect_connection_and_the_recording_is_what_was_heard(
    call: VirtualCall,
) -> None:
    for check in (*CHECKS, check_the_recording_of_the_line_is_what_the_caller_heard):
        check(call)
