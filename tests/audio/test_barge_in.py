import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.barge_in import (
    ASK_AFTER_MS,
    BELIEVED_AFTER_MS,
    FORGET_MS,
    GIVE_UP_MS,
    HOLD_AFTER_MS,
    SPOKEN_MS,
    BargeIn,
    HoldWanted,
    PartialWanted,
    Release,
    Said,
    Sign,
    StopWanted,
    said_in,
)
from audio.endpointing import CHUNK_MS


class Talk:
    """A sound over a line, fed to a BargeIn; `signs` are all that came, `kinds` their types."""

    def __init__(self) -> None:
        self.barge_in, self.now_ms = BargeIn(), 0
        self.signs: list[Sign] = []

    @property
    def kinds(self) -> list[type[Sign]]:
        return [type(sign) for sign in self.signs]

    def hears(self, ms: int, *, probability: float = 0.8) -> "Talk":
        for _ in range(0, ms, CHUNK_MS):
            self.signs += self.barge_in.feed(probability, start_ms=self.now_ms)
            self.now_ms += CHUNK_MS
        return self

    def silence(self, ms: int) -> "Talk":
        return self.hears(ms, probability=0.02)

    def reads(self, said: Said, *, final: bool = False) -> "Talk":
        self.signs += self.barge_in.answered(said, final=final)
        return self


@pytest.mark.parametrize(
    ("text", "listening", "said"),
    [
        ("", False, Said.NOTHING),
        ("...", False, Said.NOTHING),
        ("Mm-hmm.", True, Said.LISTENING),
        ("Stop. Stop. Stop.", False, Said.WORD),
        ("Hold on", False, Said.WORD),
        ("No, I don't", False, Said.WORDS),
    ],
)
def test_a_decoding_is_one_of_four_things(text: str, listening: bool, said: Said) -> None:
    assert said_in(text, listening=listening) is said


def test_words_are_asked_for_after_a_little_speech() -> None:
    assert Talk().hears(ASK_AFTER_MS - CHUNK_MS).signs == []
    assert Talk().hears(ASK_AFTER_MS).signs == [PartialWanted(ASK_AFTER_MS, 0)]


def test_speech_that_goes_on_holds_the_line_before_its_words_are_known() -> None:
    talk = Talk().silence(320).hears(HOLD_AFTER_MS)
    assert talk.signs[-1] == HoldWanted(320 + HOLD_AFTER_MS, 320)
    assert talk.barge_in.held


def test_a_click_or_a_cough_does_nothing() -> None:
    assert Talk().hears(64).silence(64).hears(64).silence(640).signs == []


def test_a_long_sound_that_is_hardly_speech_does_not_hold_the_line() -> None:
    assert HoldWanted not in Talk().hears(960, probability=0.27).kinds


def test_a_listener_does_not_hold_the_line() -> None:
    talk = Talk().hears(ASK_AFTER_MS).reads(Said.LISTENING).hears(HOLD_AFTER_MS).silence(FORGET_MS)
    assert set(talk.kinds) == {PartialWanted}


def test_a_first_word_holds_the_line_at_once() -> None:
    talk = Talk().hears(ASK_AFTER_MS).reads(Said.WORD)
    assert talk.kinds == [PartialWanted, HoldWanted]


def test_many_words_stop_the_line_while_they_are_spoken() -> None:
    talk = Talk().hears(BELIEVED_AFTER_MS).reads(Said.WORDS)
    assert talk.signs[-1] == StopWanted(BELIEVED_AFTER_MS)
    assert not talk.barge_in.held


def test_many_words_in_hardly_any_speech_are_not_believed_yet() -> None:
    talk = Talk().hears(ASK_AFTER_MS).reads(Said.WORDS)
    assert talk.kinds == [PartialWanted, HoldWanted]


def test_a_single_word_stops_the_line_when_the_pause_confirms_it() -> None:
    talk = Talk().hears(320).reads(Said.WORD).silence(224).reads(Said.WORD, final=True)
    assert talk.kinds[-1] is StopWanted


def test_a_word_too_short_to_hold_the_line_still_stops_it() -> None:
    assert Talk().hears(96).silence(224).reads(Said.WORD, final=True).kinds == [StopWanted]


@pytest.mark.parametrize("said", [Said.LISTENING, Said.NOTHING])
def test_a_pause_without_words_lets_the_line_go_on(said: Said) -> None:
    talk = Talk().hears(320).silence(224).reads(said, final=True)
    assert talk.signs[-1] == Release(320 + 224, 320 + 224 - HOLD_AFTER_MS)
    assert not talk.barge_in.held


def test_a_held_listener_releases_the_line_as_soon_as_he_is_silent() -> None:
    talk = Talk().hears(320).reads(Said.LISTENING).silence(SPOKEN_MS)
    assert talk.signs[-1] == Release(320 + SPOKEN_MS, 320 + SPOKEN_MS - HOLD_AFTER_MS)


def test_what_was_said_is_decoded_once_more_when_it_seems_to_be_over() -> None:
    talk = Talk().hears(256).reads(Said.WORD).silence(SPOKEN_MS)
    assert talk.signs[-1] == PartialWanted(256 + SPOKEN_MS, 0)
    assert talk.reads(Said.LISTENING).kinds[-1] is Release


def test_a_line_is_not_held_for_ever() -> None:
    talk = Talk().hears(320).silence(GIVE_UP_MS)
    assert talk.kinds[-1] is Release


def test_a_decoding_that_failed_is_asked_for_again() -> None:
    talk = Talk().hears(ASK_AFTER_MS)
    talk.barge_in.failed()
    assert talk.hears(320).kinds.count(PartialWanted) == 2


def test_an_answer_that_comes_after_its_sound_is_forgotten_says_nothing_about_the_next() -> None:
    talk = Talk().hears(ASK_AFTER_MS).silence(FORGET_MS).reads(Said.LISTENING).hears(HOLD_AFTER_MS)
    assert talk.kinds == [PartialWanted, PartialWanted, HoldWanted]


def test_only_one_decoding_is_awaited_at_a_time() -> None:
    assert Talk().hears(1_600).kinds.count(PartialWanted) == 1


def test_after_a_false_alarm_the_line_can_be_held_again() -> None:
    talk = Talk().hears(320).reads(Said.LISTENING).silence(SPOKEN_MS).hears(HOLD_AFTER_MS)
    assert [kind for kind in talk.kinds if kind is not PartialWanted] == [HoldWanted, Release, HoldWanted]


def test_a_stopped_line_is_told_nothing_more() -> None:
    talk = Talk().hears(640).reads(Said.WORDS)
    count = len(talk.signs)
    assert len(talk.hears(640).reads(Said.LISTENING, final=True).silence(GIVE_UP_MS).signs) == count


Deed = st.one_of(st.floats(0, 1), st.tuples(st.sampled_from(Said), st.booleans()))


@given(st.lists(Deed, max_size=300))
def test_holds_and_releases_take_turns_and_a_stop_is_the_last(deeds: list[float | tuple[Said, bool]]) -> None:
    talk = Talk()
    for deed in deeds:
        if isinstance(deed, tuple):
            talk.reads(deed[0], final=deed[1])
        else:
            talk.hears(CHUNK_MS, probability=deed)
    kinds = [kind for kind in talk.kinds if kind is not PartialWanted]
    stops = kinds.count(StopWanted)
    assert stops == 0 or (stops == 1 and kinds[-1] is StopWanted)
    holds = [kind for kind in kinds if kind is not StopWanted]
    assert holds == [HoldWanted, Release] * (len(holds) // 2) + [HoldWanted] * (len(holds) % 2)


@given(st.lists(st.floats(0, 1), max_size=300))
def test_every_hold_ends_without_any_answer(probabilities: list[float]) -> None:
    talk = Talk()
    for probability in probabilities:
        talk.hears(CHUNK_MS, probability=probability)
    assert not talk.silence(GIVE_UP_MS + CHUNK_MS).barge_in.held
