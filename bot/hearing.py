"""What one call makes of what its ear says: events for the judgement, and requests for the driver. No I/O."""

from audio.ear_events import (
    Deaf,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    Interrupted,
    KeyTone,
    NoWords,
    Partial,
    Paused,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.over_line import IsListening
from bot import effects
from bot.effects import Effect
from flows import events
from flows.events import Event
from flows.meaning import understand

SAME_KEY_MS = 1_000
"""A key that was heard as sound and is told by the carrier within this time is one key."""


def listener(language: str) -> IsListening:
    """What knows the words of somebody who listens ("mm-hm", "I see") in a language."""
    return lambda text: understand(text, language=language).backchannel


class Hearing:
    """The caller's side of one call."""

    def __init__(self) -> None:
        self._carrier_tells_keys = False
        self._last_tone = ("", 0)  # the last key heard as sound, and when

    def pressed(self, digit: str, *, now_ms: int) -> list[Event]:
        """The carrier says that a key was pressed. A carrier that says so need not be listened to for tones."""
        self._carrier_tells_keys = True
        heard_digit, heard_ms = self._last_tone
        self._last_tone = ("", 0)
        is_told_again = digit == heard_digit and now_ms <= heard_ms + SAME_KEY_MS
        return [] if is_told_again else [events.KeyPressed(now_ms, digit)]

    def made_of(
        self, heard: EarEvent, *, now_ms: int, line_id: str | None, expecting: str
    ) -> list[Event | Effect]:
        """What follows from one event of the ear. `line_id` is the line that is heard now, if any."""
        match heard:
            case DecodeWanted(job_id=job_id, purpose=purpose, samples=samples, ask=ask):
                return [effects.Decode(job_id, purpose, samples, ask)]
            case DecodeUnwanted(job_id=job_id):
                return [effects.CancelDecode(job_id)]
            case Partial(transcript=transcript):
                return [effects.Show(now_ms, transcript.text)]
            case KeyTone(digit=digit):
                return self._tone(digit, now_ms=now_ms)
            case Interrupted(text=text):
                return [] if line_id is None else [events.SpokenOver(now_ms, line_id, text)]
            case _:
                return self._speech(heard, now_ms=now_ms, expecting=expecting)

    def _speech(  # noqa: PLR0911 - one case an event
        self, heard: EarEvent, *, now_ms: int, expecting: str
    ) -> list[Event | Effect]:
        """What follows from the course of a turn."""
        match heard:
            case SpeechStarted(at_ms=at_ms):
                return [events.SpeechStarted(max(at_ms, now_ms))]
            case Paused():
                return [effects.Show(now_ms, heard.transcript.text), _pause(heard, now_ms=now_ms)]
            case SpeechResumed(at_ms=at_ms):
                return [events.CallerResumed(max(at_ms, now_ms))]
            case TurnEnded(at_ms=at_ms, start_ms=start_ms, end_ms=end_ms):
                return [events.TurnEnded(max(at_ms, now_ms), start_ms, end_ms)]
            case Utterance():
                return [_words(heard, now_ms=now_ms, expecting=expecting)]
            case NoWords(start_ms=start_ms, end_ms=end_ms, reason=reason):
                return [events.NothingHeard(now_ms, start_ms, end_ms, reason)]
            case Deaf(reason=reason):
                return [events.EarFailed(now_ms, reason)]
        return []

    def _tone(self, digit: str, *, now_ms: int) -> list[Event | Effect]:
        """A key was heard as sound: from a carrier that has not told of keys itself."""
        if self._carrier_tells_keys:
            return []
        self._last_tone = (digit, now_ms)
        return [events.KeyPressed(now_ms, digit)]


def _pause(paused: Paused, *, now_ms: int) -> Event:
    """The words before a pause: the judgement says how long it may become."""
    return events.CallerPaused(
        at_ms=now_ms,
        start_ms=paused.start_ms,
        end_ms=paused.end_ms,
        text=paused.transcript.text,
        longest_pause_ms=paused.longest_pause_ms,
    )


def _words(utterance: Utterance, *, now_ms: int, expecting: str) -> Event:
    """The words of a finished turn, what they mean, and how the voice sounded."""
    heard = utterance.transcript
    return events.Heard(
        at_ms=now_ms,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
        text=heard.text,
        language=heard.language,
        confidence=round(heard.confidence, 3),
        meaning=understand(heard.text, language=heard.language, expecting=expecting),
        arousal=utterance.arousal.value if utterance.arousal else None,
    )
