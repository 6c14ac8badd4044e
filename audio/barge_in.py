"""A caller who speaks over the line: when to hold the line, to stop it, or to let it go on.

Two stages. Sound alone tells speech from a cough within a quarter of a second, but not "stop" from "mm-hm"; words
tell those apart, but take longer. So the line is held on the sound: it falls silent and keeps its place. Words then
stop it for good, and a sound of listening or no words at all let it go on from where it was held.

Pure: fed with the probability of speech in each 32 ms and with what each decoding was found to be. Times are media
time of the call in ms. The constants were measured (`python -m bench.barge_in`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audio.endpointing import CHUNK_MS, ENTER, ONSET_CHUNKS
from audio.transcript import words_of

ASK_AFTER_MS: Final = 128
"""So much speech is decoded first: four chunks, one more than begin a turn. Whisper base reads "Okay." in it."""

ASK_EVERY_MS: Final = 160
ASK_EVERY_HELD_MS: Final = 320
"""While the line is held nobody waits for the words: half as many decodings."""

HOLD_AFTER_MS: Final = 224
"""So much speech holds the line if it has not been found to be listening: some 265 ms after the first loud sound."""

SPOKEN_MS: Final = 96
"""So much silence ends a word: what was only listening releases the line, and anything else is decoded once more."""

HOLD_FROM: Final = 0.3
"""The mean probability of speech that holds the line, of the chunks that were speech."""

GIVE_UP_MS: Final = 1_200
"""So long a line is held for words that do not come, counted from the last speech."""

FORGET_MS: Final = 1_000
"""After so much silence a sound is one for itself."""


BELIEVED_WORDS: Final = 3
"""So many different words are no misread hum: "Mama" and "I'm a" are what Whisper makes of one."""


BELIEVED_AFTER_MS: Final = 448
"""Of speech: nobody says three words sooner, and Whisper makes "In my life." of a hum."""


class Said(StrEnum):
    """What a decoding turned out to be."""

    WORDS = "words"  # enough of them to believe a part of a turn
    WORD = "word"  # one or two: in a part of a turn it may be a hum that was misread
    LISTENING = "listening"
    NOTHING = "nothing"


def said_in(text: str, *, listening: bool) -> Said:
    """What a decoding says, given whether its words are those of a listener. Words that come again count once."""
    words = set(words_of(text))
    if not words:
        return Said.NOTHING
    if listening:
        return Said.LISTENING
    return Said.WORDS if len(words) >= BELIEVED_WORDS else Said.WORD


@dataclass(frozen=True)
class PartialWanted:
    """Please decode what was said since `since_ms`, at once and before all others; tell `BargeIn.answered`."""

    at_ms: int
    since_ms: int


@dataclass(frozen=True)
class HoldWanted:
    """Fall silent and keep the place: somebody speaks, since `since_ms`."""

    at_ms: int
    since_ms: int


@dataclass(frozen=True)
class StopWanted:
    """Stop the line for good: the caller has said words."""

    at_ms: int


@dataclass(frozen=True)
class Release:
    """Go on from where the line was held, `held_ms` ago: nobody interrupts."""

    at_ms: int
    held_ms: int


Sign = PartialWanted | HoldWanted | StopWanted | Release


class BargeIn:
    """What is known of one sound over one line. Make a new one for every line that begins.

    Signs come in this order: PartialWanted at any time, HoldWanted and Release in turn, StopWanted last. Whoever is
    told StopWanted without a HoldWanted stops a line that was speaking.
    """

    def __init__(self, *, ask_after_ms: int = ASK_AFTER_MS, hold_after_ms: int = HOLD_AFTER_MS) -> None:
        self._ask_after_ms, self._hold_after_ms = ask_after_ms, hold_after_ms
        self._now_ms = 0
        self._held_since_ms: int | None = None
        self._stopped = False
        self._asked = False  # and not answered
        self._next_ask_ms = ask_after_ms  # of speech
        self._said: Said | None = None
        self._since_ms = self._speech_chunks = self._silent_ms = 0
        self._mean = 0.0  # probability of the chunks of speech

    @property
    def held(self) -> bool:
        """Whether the line is to be held."""
        return self._held_since_ms is not None

    @property
    def since_ms(self) -> int:
        """Where the newest sound began; 0 before the first."""
        return self._since_ms

    def feed(self, probability: float, *, start_ms: int) -> list[Sign]:
        """Take the probability of speech in the 32 ms from `start_ms`, in order."""
        self._now_ms = start_ms + CHUNK_MS
        if self._stopped:
            return []
        if probability < ENTER:
            return self._be_silent()
        self._silent_ms = 0
        if self._speech_chunks == 0:
            self._since_ms = start_ms
        self._speech_chunks += 1
        self._mean += (probability - self._mean) / self._speech_chunks
        return self._ask() + self._hold_on_sound()

    def answered(self, said: Said, *, final: bool = False) -> list[Sign]:
        """Take what a decoding was found to be; `final` for that of a pause, which is of all that was said.

        One that is not awaited is of a sound that is over and says nothing about the next.
        """
        awaited, self._asked = self._asked, self._asked and final
        if self._stopped or not (awaited or final):
            return []
        self._said = said
        believed = final or (said is Said.WORDS and self._speech_ms >= BELIEVED_AFTER_MS)
        if said in (Said.WORDS, Said.WORD):
            return self._stop() if believed else self._hold()
        return self._release() if final or self._spoken else []

    def failed(self) -> None:
        """A wanted decoding has no result."""
        self._asked = False

    @property
    def _speech_ms(self) -> int:
        return self._speech_chunks * CHUNK_MS

    @property
    def _spoken(self) -> bool:
        """Whether a word is over, as far as one can tell."""
        return self._silent_ms >= SPOKEN_MS

    def _ask(self) -> list[Sign]:
        if self._asked or self._speech_ms < self._next_ask_ms:
            return []
        every_ms = ASK_EVERY_HELD_MS if self.held else ASK_EVERY_MS
        self._asked, self._next_ask_ms = True, self._speech_ms + every_ms
        return [PartialWanted(self._now_ms, self._since_ms)]

    def _hold_on_sound(self) -> list[Sign]:
        enough = self._speech_ms >= self._hold_after_ms and self._mean >= HOLD_FROM
        return self._hold() if enough and self._said is None else []

    def _hold(self) -> list[Sign]:
        if self.held or self._speech_chunks == 0:
            return []
        self._held_since_ms = self._now_ms
        return [HoldWanted(self._now_ms, self._since_ms)]

    def _stop(self) -> list[Sign]:
        self._stopped, self._held_since_ms = True, None
        return [StopWanted(self._now_ms)]

    def _be_silent(self) -> list[Sign]:
        """No speech in a chunk: a sound too short to begin a turn is forgotten, a hold is not kept for ever."""
        self._silent_ms += CHUNK_MS
        if self._speech_chunks < ONSET_CHUNKS:
            self._forget()
        if not self.held:
            if self._silent_ms >= FORGET_MS:
                self._forget()
            return []
        if self._silent_ms >= GIVE_UP_MS:
            return self._release()
        if self._silent_ms < SPOKEN_MS or self._silent_ms >= SPOKEN_MS + CHUNK_MS or self._asked:
            return []
        if self._said is Said.LISTENING:
            return self._release()
        self._asked = True
        return [PartialWanted(self._now_ms, self._since_ms)]

    def _release(self) -> list[Sign]:
        held_since_ms, self._held_since_ms = self._held_since_ms, None
        self._forget()
        return [] if held_since_ms is None else [Release(self._now_ms, self._now_ms - held_since_ms)]

    def _forget(self) -> None:
        """Begin anew, as if nothing had been heard."""
        self._asked, self._next_ask_ms, self._said = False, self._ask_after_ms, None
        self._speech_chunks, self._silent_ms, self._mean = 0, 0, 0.0
