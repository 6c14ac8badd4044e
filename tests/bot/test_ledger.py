"""The playback ledger: what the caller has HEARD, by marks alone."""

from hypothesis import given
from hypothesis import strategies as st

from audio.signal import MuLaw
from bot.ledger import (
    AHEAD_MS,
    HOLD_AT_MOST_MS,
    LOST_AFTER_MS,
    RENDER_WITHIN_MS,
    STEP_BACK_MS,
    LedgerEntry,
    LineDone,
    PlaybackLedger,
    SendAudio,
    SendClear,
    SendMark,
    SentenceHeard,
    quiet_before,
)

SECOND = MuLaw(b"\x10" * 8_000)


def ledger_with(*sentences: str, protected: bool = False, audio: MuLaw = SECOND) -> PlaybackLedger:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", sentences, protected=protected, now_ms=0)
    for index in range(len(sentences)):
        ledger.supply("line-1", index, audio)
    return ledger


def run(ledger: PlaybackLedger, from_ms: int, to_ms: int, *, may_start: bool = True) -> list[LedgerEntry]:
    return [e for now_ms in range(from_ms, to_ms, 20) for e in ledger.step(now_ms, may_start=may_start)]


def of(kind: type, entries: list[LedgerEntry]) -> list[LedgerEntry]:
    return [entry for entry in entries if isinstance(entry, kind)]


def test_audio_is_never_sent_further_ahead_than_the_bound() -> None:
    ledger, sent_until_ms = ledger_with("One.", "Two."), 0
    for now_ms in range(0, 2_000, 20):
        for entry in ledger.step(now_ms, may_start=True):
            if isinstance(entry, SendAudio):
                sent_until_ms = entry.start_ms + len(entry.payload) // 8
        assert sent_until_ms - now_ms <= AHEAD_MS


def test_audio_never_runs_dry_while_a_line_plays() -> None:
    sent = of(SendAudio, run(ledger_with("One.", "Two."), 0, 2_000))
    ends = [entry.start_ms + len(entry.payload) // 8 for entry in sent if isinstance(entry, SendAudio)]
    starts = [entry.start_ms for entry in sent if isinstance(entry, SendAudio)]
    assert starts[1:] == ends[:-1]


def test_all_of_a_line_is_sent_once_and_in_order() -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", ("One.", "Two."), protected=False, now_ms=0)
    ledger.supply("line-1", 0, MuLaw(bytes(range(250)) * 10))
    ledger.supply("line-1", 1, MuLaw(b"\x07" * 333))
    sent = b"".join(e.payload for e in run(ledger, 0, 2_000) if isinstance(e, SendAudio))
    assert sent == bytes(range(250)) * 10 + b"\x07" * 333


def test_every_sentence_ends_with_a_mark_of_its_own() -> None:
    marks = [
        entry.name for entry in run(ledger_with("One.", "Two."), 0, 3_000) if isinstance(entry, SendMark)
    ]
    assert marks == ["line-1/1", "line-1/2"]


def test_a_line_is_heard_when_its_last_mark_comes_back() -> None:
    ledger = ledger_with("One.")
    run(ledger, 0, 1_100)
    done = ledger.acknowledged("line-1/1", 1_100)[-1]
    assert done == LineDone("line-1", 1_100, True, 1_000, 1_000, lost=False)
    assert ledger.idle


def test_a_later_mark_acknowledges_the_sentences_before_it() -> None:
    """The carrier plays in order: a lost mark in the middle is made up by the next."""
    ledger = ledger_with("One.", "Two.")
    run(ledger, 0, 2_100)
    heard = of(SentenceHeard, ledger.acknowledged("line-1/2", 2_100))
    assert [entry.text for entry in heard if isinstance(entry, SentenceHeard)] == ["One.", "Two."]


def test_a_mark_that_never_comes_is_lost_in_bounded_time() -> None:
    ledger = ledger_with("One.")
    done = of(LineDone, run(ledger, 0, 1_000 + LOST_AFTER_MS + 100))
    assert [(entry.to_its_end, entry.lost) for entry in done if isinstance(entry, LineDone)] == [
        (False, True)
    ]


def test_stopping_clears_what_the_carrier_has_and_counts_what_was_played() -> None:
    ledger = ledger_with("One.")
    run(ledger, 0, 600)
    clear, done = ledger.stop(600)
    assert clear == SendClear(600)
    assert done == LineDone("line-1", 600, False, 600, 1_000, lost=False)


def test_marks_that_a_clear_sends_back_mean_nothing() -> None:
    ledger = ledger_with("One.", audio=MuLaw(b"\x10" * 800))
    run(ledger, 0, 40)
    ledger.stop(40)
    assert ledger.acknowledged("line-1/1", 60) == []


def test_audio_is_dated_by_the_lag_that_the_first_mark_showed() -> None:
    ledger = ledger_with("One.")
    ledger.enqueue("line-2", ("Two.",), protected=False, now_ms=0)
    ledger.supply("line-2", 0, SECOND)
    run(ledger, 0, 1_120)
    ledger.acknowledged("line-1/1", 1_120)
    sent = of(SendAudio, run(ledger, 1_120, 1_200))
    assert next(entry.start_ms for entry in sent if isinstance(entry, SendAudio)) == 1_120 + 120


def test_a_mark_that_is_late_once_does_not_lengthen_the_lag() -> None:
    ledger = ledger_with("One.", "Two.")
    run(ledger, 0, 2_500)
    ledger.acknowledged("line-1/1", 1_060)
    ledger.acknowledged("line-1/2", 2_500)
    assert ledger.lag_ms == 60


def test_a_lag_that_is_learned_in_the_middle_of_a_line_leaves_no_gap_in_it() -> None:
    ledger = ledger_with("One.", "Two.")
    sent = of(SendAudio, run(ledger, 0, 1_060))
    ledger.acknowledged("line-1/1", 1_060)
    sent += of(SendAudio, run(ledger, 1_060, 2_500))
    spans = [(e.start_ms, e.start_ms + len(e.payload) // 8) for e in sent if isinstance(e, SendAudio)]
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]


def test_a_protected_line_is_not_stopped() -> None:
    ledger = ledger_with("One.", protected=True)
    run(ledger, 0, 600)
    assert ledger.stop(600) == []
    assert ledger.speaking_line == "line-1"


def test_a_protected_line_is_stopped_when_a_life_may_be_at_stake() -> None:
    ledger = ledger_with("One.", protected=True)
    run(ledger, 0, 600)
    assert of(LineDone, ledger.stop(600, protected_too=True))


def test_a_line_waits_while_the_caller_speaks() -> None:
    assert run(ledger_with("One."), 0, 500, may_start=False) == []


def test_a_protected_line_does_not_wait() -> None:
    assert run(ledger_with("One.", protected=True), 0, 500, may_start=False)


def test_a_backchannel_does_not_wait() -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", ("Mm-hm.",), protected=False, now_ms=0, backchannel=True)
    ledger.supply("line-1", 0, SECOND)
    assert of(SendAudio, ledger.step(0, may_start=False))


def test_a_backchannel_is_dropped_without_the_lines_that_wait() -> None:
    ledger = ledger_with("One.")
    ledger.enqueue("line-2", ("Mm-hm.",), protected=False, now_ms=0, backchannel=True)
    done = ledger.stop(0, backchannels_only=True)
    assert [entry.line_id for entry in done if isinstance(entry, LineDone)] == ["line-2"]
    assert not of(SendClear, done)


def test_a_backchannel_that_plays_is_cleared() -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", ("Mm-hm.",), protected=False, now_ms=0, backchannel=True)
    ledger.supply("line-1", 0, SECOND)
    ledger.step(0, may_start=False)
    assert of(SendClear, ledger.stop(100, backchannels_only=True))


def test_a_line_that_is_held_is_silent_and_goes_on_from_its_place() -> None:
    ledger = ledger_with("One.", audio=MuLaw(bytes(range(200)) * 40))
    run(ledger, 0, 500)
    assert of(SendClear, ledger.hold(500))
    assert run(ledger, 500, 1_000) == []
    ledger.release()
    again = b"".join(e.payload for e in run(ledger, 1_000, 3_000) if isinstance(e, SendAudio))
    assert (bytes(range(200)) * 40).endswith(again)
    assert 500 * 8 <= len(again) <= (500 + STEP_BACK_MS) * 8


def test_a_line_that_was_held_is_heard_to_its_end_by_its_mark() -> None:
    ledger = ledger_with("One.", "Two.")
    run(ledger, 0, 500)
    ledger.hold(500)
    ledger.release()
    marks = [e.name for e in run(ledger, 1_000, 3_500) if isinstance(e, SendMark)]
    assert marks == ["line-1/1", "line-1/2"]
    [done] = of(LineDone, ledger.acknowledged("line-1/2", 3_400))
    assert isinstance(done, LineDone)
    assert (done.to_its_end, done.heard_ms) == (True, 2_000)


def test_a_line_that_is_stopped_while_it_is_held_was_heard_up_to_there() -> None:
    ledger = ledger_with("One.")
    run(ledger, 0, 500)
    ledger.hold(500)
    entries = ledger.stop(900)
    assert not of(SendClear, entries)
    [done] = of(LineDone, entries)
    assert isinstance(done, LineDone)
    assert 500 - STEP_BACK_MS <= done.heard_ms <= 500


def test_a_line_is_not_held_for_ever() -> None:
    ledger = ledger_with("One.")
    run(ledger, 0, 500)
    ledger.hold(500)
    assert run(ledger, 500, 500 + HOLD_AT_MOST_MS) == []
    assert of(SendAudio, ledger.step(500 + HOLD_AT_MOST_MS, may_start=False))


def test_a_protected_line_and_a_line_at_its_end_are_not_held() -> None:
    protected, over = ledger_with("One.", protected=True), ledger_with("One.")
    for ledger in (protected, over):
        run(ledger, 0, 1_200)
    assert ledger_with("One.").hold(0) == protected.hold(500) == over.hold(1_200) == []


def test_a_line_goes_on_from_the_quietest_place() -> None:
    audio = MuLaw(b"\x10" * 3_000 + b"\xff" * 160 + b"\x10" * 3_000)
    assert 2_840 <= quiet_before(audio, 4_500) <= 3_160
    assert quiet_before(audio, 0) == 0


def test_a_line_that_has_begun_goes_on_when_the_caller_speaks() -> None:
    ledger = ledger_with("One.")
    run(ledger, 0, 100)
    assert of(SendAudio, run(ledger, 100, 500, may_start=False))


def test_the_next_line_begins_when_the_fate_of_the_last_is_known() -> None:
    ledger = ledger_with("One.")
    ledger.enqueue("line-2", ("Two.",), protected=False, now_ms=0)
    ledger.supply("line-2", 0, SECOND)
    assert not [e for e in run(ledger, 0, 1_400) if isinstance(e, SendMark) and e.name.startswith("line-2")]
    ledger.acknowledged("line-1/1", 1_400)
    assert of(SendAudio, run(ledger, 1_400, 1_500))


def test_a_sentence_that_is_rendered_late_is_sent_when_it_comes() -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", ("One.",), protected=False, now_ms=0)
    assert run(ledger, 0, 500) == []
    ledger.supply("line-1", 0, SECOND)
    assert of(SendAudio, run(ledger, 500, 600))


def test_a_sentence_that_is_never_rendered_is_given_up_in_bounded_time() -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", ("One.",), protected=False, now_ms=0)
    done = of(LineDone, run(ledger, 0, RENDER_WITHIN_MS + 100))
    assert [entry.lost for entry in done if isinstance(entry, LineDone)] == [True]


def test_a_failed_rendering_ends_the_line_after_what_was_sent() -> None:
    ledger = ledger_with("One.", "Two.")
    run(ledger, 0, 1_000)
    ledger.fail("line-1")
    done = [entry for entry in run(ledger, 1_000, 2_000) if isinstance(entry, LineDone)]
    assert [(entry.lost, entry.heard_ms >= 1_000) for entry in done] == [(True, True)]


def test_a_lost_connection_cuts_every_line() -> None:
    ledger = ledger_with("One.")
    ledger.enqueue("line-2", ("Two.",), protected=True, now_ms=0)
    run(ledger, 0, 300)
    done = [entry for entry in ledger.connection_lost(300) if isinstance(entry, LineDone)]
    assert [(entry.line_id, entry.heard_ms) for entry in done] == [("line-1", 300), ("line-2", 0)]
    assert ledger.idle


@given(st.lists(st.binary(min_size=1, max_size=9_000), min_size=1, max_size=5), st.integers(1, 90))
def test_what_is_counted_as_heard_never_exceeds_what_was_sent_or_the_time(
    texts: list[bytes], steps: int
) -> None:
    ledger = PlaybackLedger()
    ledger.enqueue("line-1", tuple("x" for _ in texts), protected=False, now_ms=0)
    for index, audio in enumerate(texts):
        ledger.supply("line-1", index, MuLaw(audio))
    entries = run(ledger, 0, steps * 20)
    sent_ms = sum(-(-len(entry.payload) // 8) for entry in entries if isinstance(entry, SendAudio))
    for done in (entry for entry in ledger.stop(steps * 20) if isinstance(entry, LineDone)):
        assert done.heard_ms <= min(sent_ms, steps * 20)
