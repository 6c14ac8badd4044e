"""The line's own voice taken out of the caller's audio, where a speakerphone or a two-wire line sends it back.

What the line sent is known exactly, so three steps do: find the delay, predict the echo along the path that is learnt
there (both `audio.echo_path`), and let through only what neither that path nor another delay explains.

Measured by `python -m bench.echo` and for libraries likewise (eSpeak's 50 lines, each at the start of a call; turns
begun by echo of -20 dB, of -10 dB, of -20 dB after 550 ms; callers noticed of 24 who speak over -20 dB; of a core):
here: 0, 0, 0; 24; 0.8 %. Numpy alone; a path is found within 100 to 200 ms of echo.
WebRTC's AEC3: 0, 3, 44; 24; 1.4 % in `livekit` (10 MB, kept, brings threads, protobuf and stubs), 2.4 % in
`aec-audio-processing` (no wheels, untyped). Speex in `pyaec`: 50, 50, -; 0; 0.8 %, and no licence is named.
"""

from collections import deque
from typing import Final, NamedTuple

import numpy as np

from audio.echo_path import (
    BLOCK,
    EARLY,
    LATE,
    LOOK,
    PER_MS,
    REACH,
    EchoPath,
    Track,
    effective_blocks,
    likeness,
    power_of,
)
from audio.mulaw import decode_mulaw
from audio.signal import MuLaw, Samples, Samples8k

AHEAD_MS: Final = 6_000
"""So far ahead of the caller's audio the line's is kept; the rest of it is left out."""

_BEHIND: Final = 2_000 * PER_MS
_JITTER: Final = 10 * PER_MS

# The highest peak of the correlation over its standard deviation, in 80 ms and more of sound. Measured: a caller who
# is no echo gives 3.6 to 9, for single short sounds 12; an echo 10 to 60, in a reverberant room 6 to 28.
_PEAK_OF_ECHO: Final = 12.0
_PEAK_TO_REMEMBER: Final = 9.0
_PEAK_OF_NONE: Final = 8.5
_PEAK_AT_A_KNOWN_DELAY: Final = 4.5  # one peak in a hundred lies there by chance
_PEAK_OF_A_JUMP: Final = 6.0  # twice in a row at one delay that a jump leads to
_NEAR: Final = 3 * PER_MS
_SAME: Final = 2 * PER_MS
_JUMP: Final = 60 * PER_MS

_HOLD: Final = 12 * BLOCK  # the gate stays open for as long after the last sound of the caller
_LEAST: Final = 1e-6  # -60 dBFS; softer sounds begin no turn
_SILENT: Final = 1e-7  # of the line
_TRUST: Final = 10  # blocks in which the path took half of the power away
_CLOSED: Final = 0.3  # -10 dB, of what is kept for words while the gate is closed
_LOUD_LINE: Final = 1e-3
_DECIBEL_4: Final = 2.5
_DECIBEL_6: Final = 4.0
_DECIBEL_9: Final = 8.0


class Suppressed(NamedTuple):
    """The caller's audio without echo, twice: both as long as what was given.

    The detector of speech knows an echo at -65 dBFS for speech, so it needs silence where no caller is sure. The
    recogniser needs the first sounds of a caller, which come before one is sure: without them it read 30 % of the
    words wrongly over an echo of -10 dB, with them 11 % (3 % without line and echo).
    """

    activity: Samples8k
    """Silence but where the caller speaks: decides when turns begin and end."""

    words: Samples8k
    """Less the predicted echo, and softer where `activity` is silent: what a turn is read from."""


class EchoSuppressor:
    """The echo of one call. No I/O, no threads, no clock; some 0.5 MB.

    Times are media time in ms. `line` and `cut` come in any order and at any time, best before the sound is heard;
    an echo whose reference comes after it is not known for one.
    """

    def __init__(self) -> None:
        self._line = Track(behind=_BEHIND, ahead=AHEAD_MS * PER_MS)
        self._caller = Track(behind=_BEHIND, ahead=BLOCK)
        self._left = Track(behind=_BEHIND, ahead=BLOCK)  # the caller's audio without the predicted echo
        self._now: int | None = None  # the end of the caller's audio, in samples of the call
        self._line_end = -REACH
        self._left_end = 0  # what came later passed untouched, and is all left
        self._powers: deque[float] = deque(maxlen=75)  # of the caller's blocks: 1.5 s, for the noise
        self._path: EchoPath | None = None
        self._remembered: int | None = None  # the last delay that stood out
        self._listening = False  # whether an echo may be about
        self._listens_since = 0
        self._open_until = 0
        self._gate = 1.0
        self._open_on_trial = False  # opened for want of a likeness, not for loudness
        self._gain = 0.0
        self._unlike = 0
        self._look_at = 0  # when a likeness was looked for last, and what delay it had
        self._last_delay = 0
        self._looks = 0  # in a row, of sound that the path does not explain
        self._trusted = 0
        self._failures = self._search_at = 0  # of finding a path, and when to try again
        self._without_echo = 0

    def line(self, payload: MuLaw, *, start_ms: int) -> None:
        """The caller hears `payload` from about `start_ms`. A later one replaces what was there."""
        start = start_ms * PER_MS
        if abs(start - self._line_end) <= _JITTER:  # pieces of one line follow each other without a gap
            start = self._line_end
        samples = decode_mulaw(payload[: AHEAD_MS * PER_MS])
        if self._line.write(samples, at=start):
            self._line_end = max(self._line_end, start + len(samples))

    def cut(self, at_ms: int) -> None:
        """The line falls silent at `at_ms`: what was given for later is not heard."""
        at = at_ms * PER_MS
        if at < self._line_end:
            self._line.clear(at)
            self._line_end = at

    def suppress(self, samples: Samples8k, *, start_ms: int) -> Suppressed:
        """The caller's `samples` from `start_ms` without the line's echo; as many, and at the same times.

        Where the line has been silent for 860 ms they come back as they are. Best in frames of 20 ms.
        """
        start = start_ms * PER_MS
        if self._now is None or abs(start - self._now) > _JITTER:
            self._begin_at(start)
        pieces = [self._block(samples[at : at + BLOCK]) for at in range(0, len(samples), BLOCK)]
        if len(pieces) == 1:
            activity, words = pieces[0]
        else:
            activity = np.concatenate([samples[:0], *(piece[0] for piece in pieces)])
            words = np.concatenate([samples[:0], *(piece[1] for piece in pieces)])
        return Suppressed(Samples8k(activity), Samples8k(words))

    def _begin_at(self, now: int) -> None:
        """The clock starts, or jumps: what was heard before says nothing any more."""
        self._now = now
        self._caller.move(now)
        self._left.move(now)
        self._line.move(now)
        self._listening, self._left_end = False, now

    def _block(self, heard: Samples) -> tuple[Samples, Samples]:
        """Up to 20 ms: for activity, and for words."""
        assert self._now is not None  # `suppress` saw to it
        begin, now = self._now, self._now + len(heard)
        self._now = now
        for track in (self._line, self._caller, self._left):
            track.move(now)
        self._caller.write(heard, at=begin)
        power = power_of(heard)
        self._powers.append(power)
        loudest = self._line.loudest(begin - REACH, now + EARLY) if begin - REACH < self._line_end else 0.0
        if loudest < _SILENT:
            self._listening, self._gate = False, 1.0
            return heard, heard
        noise = max(min(self._powers), 1e-8)
        if not self._listening:
            since = max(self._left_end, now - _BEHIND)
            self._left.write(self._caller.read(since, now), at=since)
            self._start_listening(begin, noise=noise)
        self._left_end = now
        left = self._judge(heard, now, power=power, noise=noise, loudest=loudest)
        before, self._gate = self._gate, 1.0 if now < self._open_until else 0.0
        if before == self._gate == 1.0:
            return left, left
        gate = np.linspace(before, self._gate, len(left), dtype=np.float32)
        return left * gate, left * np.maximum(gate, _CLOSED)

    def _start_listening(self, begin: int, *, noise: float) -> None:
        """The line begins to speak. A caller who is speaking already goes on being heard."""
        self._listening, self._listens_since = True, begin
        recent = list(self._powers)[-7:-1]
        speaking = bool(recent) and sum(recent) / len(recent) > 10 * max(noise, _LEAST / 4)
        self._open_until = begin + _HOLD if speaking else begin
        self._gate = 1.0 if speaking else 0.0
        self._open_on_trial = False
        self._unlike = self._trusted = 0

    def _judge(self, heard: Samples, now: int, *, power: float, noise: float, loudest: float) -> Samples:
        """What is left of a block without the predicted echo; and whether the gate stands open after it."""
        path, left, remaining, explained = self._path, heard, power, 0.0
        loud = power > max(_DECIBEL_6 * noise, _LEAST)
        if path is not None:
            left, remaining = path.cancel(heard, self._line, now=now, power=power)
            self._gain = max(self._gain * 0.9995, min(path.power, 4 * power) / loudest)
            self._trusted += loud and remaining < power / 2
            explained = path.leak * path.recent
        else:
            self._without_echo += not loud and loudest > _LOUD_LINE
        self._left.write(left, at=now - len(left))
        limit = _DECIBEL_6 * (explained + noise)
        if not loud or remaining <= limit:
            self._unlike = max(0, self._unlike - (remaining <= limit))
            self._looks = 0 if remaining <= limit else self._looks
        else:
            bound = self._bound(now, loudest=loudest)
            if remaining > bound:
                self._open_until, self._open_on_trial = now + _HOLD, False
            elif now < self._open_until and not self._open_on_trial and remaining > 2 * limit:
                self._open_until = now + _HOLD
            doubtful = remaining <= bound and (now >= self._open_until or self._open_on_trial)
            if now >= self._look_at + (2 if doubtful and self._looks < 15 else 5) * BLOCK:
                left = self._look(left, now, remaining=remaining, bound=bound, doubtful=doubtful)
        if loud and path is not None and now >= self._open_until and remaining < 0.7 * power:
            path.learn_leak(remaining)
        return left

    def _bound(self, now: int, *, loudest: float) -> float:
        """The most power that an echo can have now.

        Until the path has proved itself: 4 dB less than the loudest sound of the line that may be coming back. Then
        9 dB more than the path made of such a sound, within 60 ms of its delay: room for a jump of it.
        """
        if self._path is None or self._trusted < _TRUST:
            return loudest / _DECIBEL_4
        at, slack = now - self._path.delay, _JUMP
        return self._gain * self._line.loudest(at - BLOCK - slack, at + slack) * _DECIBEL_9

    def _look(self, left: Samples, now: int, *, remaining: float, bound: float, doubtful: bool) -> Samples:
        """Is what is left like the line at any delay? The same block, after a new path where one was found."""
        recent = self._left.read(now - LOOK, now)
        length = effective_blocks(recent)
        if length < 2.5:
            return left
        self._look_at = now
        self._looks += 1
        peak, delay = likeness(recent, self._line.read(now - LOOK - LATE, now + EARLY))
        known = self._remembered is not None and abs(delay - self._remembered) <= _NEAR
        jumped = (
            self._path is not None
            and abs(delay - self._path.delay) <= _JUMP
            and abs(delay - self._last_delay) <= _SAME
        )
        self._last_delay = delay
        if peak > _PEAK_TO_REMEMBER:
            self._remembered = delay
        if (
            peak > _PEAK_OF_ECHO
            or (known and peak > _PEAK_AT_A_KNOWN_DELAY)
            or (jumped and peak > _PEAK_OF_A_JUMP)
        ):
            self._unlike = 0
            if remaining <= bound:
                self._open_until = min(self._open_until, now)
            if self._path is None or abs(delay - self._path.delay) > _SAME:
                left = self._find_path(left, now, delay=delay) if now >= self._search_at else left
            elif self._trusted < _TRUST:
                self._path.rehearse(self._caller, self._line, now=now, blocks=10, learn=True)
        elif peak < _PEAK_OF_NONE and doubtful and length >= 4.5:
            self._unlike += 2
            sure = remaining > bound / 16 or self._without_echo >= 50
            if self._unlike >= (4 if sure else 12):
                self._open_until, self._open_on_trial = now + _HOLD, True
        return left

    def _find_path(self, left: Samples, now: int, *, delay: int) -> Samples:
        """Take the path to another delay, or a new one learnt from what was heard, if it explains the sound."""
        heard = self._caller.read(now - len(left), now).copy()
        path = self._path.moved(delay) if self._path else None
        if path is None or path.rehearse(self._caller, self._line, now=now, blocks=5, learn=False) > 0.5:
            blocks = 12 if self._path else 40
            blocks = min(blocks, (now - self._listens_since) // BLOCK)
            path = EchoPath(delay)
            if path.rehearse(self._caller, self._line, now=now, blocks=blocks, learn=True) > 0.8:
                self._failures += (
                    1  # not enough of the echo was heard, or too much else: wait longer every time
                )
                self._search_at = now + 2 * min(self._failures, 10) * BLOCK
                return left
            path.leak = min(
                1.0, 2 * path.rehearse(self._caller, self._line, now=now, blocks=blocks, learn=True)
            )
            loudest = self._line.loudest(now - BLOCK - REACH, now + EARLY)
            self._gain = max(path.recent / max(loudest, _SILENT), 0.3 * self._gain)
        self._path, self._failures = path, 0
        left, remaining = path.cancel(heard, self._line, now=now, power=power_of(heard))
        if remaining < power_of(heard) / _DECIBEL_6:
            self._open_until = min(self._open_until, now)  # it was an echo that opened the gate
        self._left.write(left, at=now - len(left))
        return left
