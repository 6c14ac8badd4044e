"""The arithmetic of the noise figures, and one short call through the ear."""

import numpy as np

from audio.signal import Samples8k, Samples16k
from audio.transcript import Transcript
from bench.noise import Heard, HeardTurn, Listening, hear, loss, loss_table, merged, noise_table
from bench.noise_streams import made
from tests.audio.spoken import heard_as, spoken


class Echoing:
    """A recogniser that hears the same in everything."""

    def transcribe(
        self,
        samples: Samples16k,
        *,
        language: str | None = "en",
        languages: tuple[str, ...] = (),
        switch_above: float = 0.0,
        prompt: str = "",
        beam: int = 1,
    ) -> Transcript:
        assert len(samples) > 0
        assert (language, languages, switch_above, prompt, beam) == ("en", (), 0.0, "", 1)
        return heard_as("my order")

    def glance(self, samples: Samples16k, *, language: str = "en") -> Transcript:
        return self.transcribe(samples, language=language)


def turn(text: str, *, kept: bool = True) -> Heard:
    return Heard(begun=1, decodings=1, turns=[HeardTurn(text, kept)], told=[text] if kept else [])


def test_a_spoken_sentence_is_one_turn_whose_words_are_kept() -> None:
    heard = hear(spoken("My order has not come."), model=Listening(), recogniser=Echoing())
    assert (heard.begun, heard.kept, heard.told) == (1, "my order", ["my order"])


def test_keys_are_counted_and_begin_no_turn() -> None:
    heard = hear(made(ms=3_000)["DTMF"], model=Listening(), recogniser=Echoing())
    assert heard.begun == 0
    assert heard.keys >= 4


def test_silence_is_nothing() -> None:
    silence = Samples8k(np.zeros(8_000, dtype=np.float32))
    assert hear(silence, model=Listening(), recogniser=Echoing()) == Heard()


def test_the_loss_counts_what_is_missed_dropped_and_wrong() -> None:
    found = loss(
        [
            ("seven", turn("Seven.")),
            ("eight", turn("8", kept=False)),
            ("two", turn("you", kept=False)),
            ("six", Heard()),
            ("one", turn("")),
        ]
    )
    assert (found.clips, found.missed, found.wordless, found.dropped, found.dropped_right) == (5, 1, 1, 2, 1)
    assert (found.errors_before, found.errors_after, found.said) == (3, 4, 5)


def test_calls_add_up() -> None:
    both = merged([turn("one"), turn("two", kept=False)])
    assert (both.begun, both.written, both.kept, both.told) == (2, "one two", "one", ["one"])


def test_the_tables_have_a_row_for_each_sound_and_set() -> None:
    assert noise_table([("dogs", turn("no", kept=False)), ("hum", Heard())], title="noise").row_count == 2
    assert loss_table([("digits", loss([])), ("words", loss([("a", turn("a"))]))]).row_count == 2
