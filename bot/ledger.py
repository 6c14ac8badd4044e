"""The playback ledger: which line was given to the carrier, and what the caller has HEARD of each.

Sans-I/O: fed with lines, rendered audio, acknowledged marks and the time; returns audio and marks to send, and what
became of each line. Audio is paced at most `AHEAD_MS` ahead of playback, so that an interruption stops it at once
whatever the carrier has buffered. One line plays at a time; the next begins when its fate is known.

Times are call time in ms. The carrier plays what it gets in order and at once, so audio sent at `now` is heard from
max(now, end of what was sent before), and later by the lag: the way there, and the way of the timestamps back.
Returned marks tell the lag. It delays the start and a `clear` alike and cancels out of `heard_ms`.
"""

from collections import deque
from dataclasses import dataclass, field

from audio.signal import MULAW_BYTES_PER_MS, MuLaw, mulaw_ms

AHEAD_MS = 400
"""Audio is sent at most this far ahead of playback (design: "a few hundred ms")."""

CHUNK_MS = 100
"""Audio is sent in messages of this length: ten a second, not fifty."""

LOST_AFTER_MS = 2_000
"""So long after the audio has run out a missing acknowledgement is lost (Twilio: "remaining audio + 2 s")."""

RENDER_WITHIN_MS = 8_000
"""So long a line waits for a sentence to be rendered before it is given up."""

HOLD_AT_MOST_MS = 2_500
"""So long a line is held; then it goes on by itself, whatever became of the question whether somebody interrupts."""

STEP_BACK_MS = 400
"""A line that goes on does so from the quietest place so shortly before where it was held: from between two words."""

_FRAME_BYTES = 20 * MULAW_BYTES_PER_MS


@dataclass(frozen=True)
class SendAudio:
    """Send `payload`; the caller hears it from `start_ms`."""

    payload: MuLaw
    start_ms: int


@dataclass(frozen=True)
class SendMark:
    """Send a mark of this name; the carrier returns it when all audio before it was played."""

    name: str


@dataclass(frozen=True)
class SendClear:
    """Send `clear`; what was sent and not heard by `at_ms` will not be heard."""

    at_ms: int


@dataclass(frozen=True)
class SentenceBegun:
    """The first audio of a sentence goes out; the caller hears it from `start_ms`."""

    line_id: str
    index: int
    text: str
    start_ms: int


@dataclass(frozen=True)
class SentenceHeard:
    """The carrier acknowledged the end of a sentence."""

    line_id: str
    index: int
    text: str
    at_ms: int


@dataclass(frozen=True)
class LineDone:
    """What became of a line (see flows.events.LineHeard)."""

    line_id: str
    at_ms: int
    to_its_end: bool
    heard_ms: int
    total_ms: int
    lost: bool


LedgerEntry = SendAudio | SendMark | SendClear | SentenceBegun | SentenceHeard | LineDone


@dataclass
class _Line:
    """One line on its way: sentence by sentence, byte by byte."""

    line_id: str
    sentences: tuple[str, ...]
    protected: bool
    backchannel: bool
    since_ms: int
    audio: list[MuLaw | None] = field(default_factory=list)
    index: int = 0  # the sentence that is being sent
    sent_bytes: int = 0  # of that sentence
    runs: list[tuple[int, int]] = field(default_factory=list)  # (start_ms, length_ms) of what was sent
    heard_before_ms: int = 0  # what was heard before the line was held, up to where it goes on
    told: int = 0  # sentences whose beginning was told
    lag_ms: int = 0  # one for the whole line, so that its audio has no gap
    acknowledged: int = 0  # sentences whose end was acknowledged
    failed: bool = False

    @property
    def begun(self) -> bool:
        return bool(self.runs or self.told)

    @property
    def all_sent(self) -> bool:
        return self.failed or self.index == len(self.sentences)

    @property
    def total_ms(self) -> int:
        return sum(mulaw_ms(audio) for audio in self.audio if audio is not None)

    def heard_ms(self, now_ms: int) -> int:
        """What has been played by `now_ms`."""
        played_ms = sum(min(max(now_ms - start_ms, 0), length_ms) for start_ms, length_ms in self.runs)
        return self.heard_before_ms + played_ms

    def go_back_to(self, heard_ms: int) -> None:
        """Be sent again from the quietest place shortly before `heard_ms`."""
        index, left = 0, heard_ms * MULAW_BYTES_PER_MS
        while index < len(self.audio) - 1 and left >= len(self.audio[index] or b""):
            left -= len(self.audio[index] or b"")
            index += 1
        self.index, self.sent_bytes = index, quiet_before(self.audio[index] or MuLaw(b""), left)
        self.heard_before_ms = heard_ms - (left - self.sent_bytes) // MULAW_BYTES_PER_MS
        self.runs.clear()


class PlaybackLedger:
    """The lines of one call."""

    def __init__(self) -> None:
        self._lines: deque[_Line] = deque()
        # Pending marks by name: line id, sentence index, and when its audio ends, without the lag.
        self._marks: dict[str, tuple[str, int, int]] = {}
        self._lag_ms: int | None = None  # the shortest lag that a mark has shown; None before the first
        self._end_ms = 0  # when what was sent will have been played
        self._held_since_ms: int | None = None

    @property
    def speaking_line(self) -> str | None:
        """The id of the line that the caller hears now, if any."""
        return self._lines[0].line_id if self._lines and self._lines[0].begun else None

    @property
    def lag_ms(self) -> int:
        """How much later than it is sent audio is heard, in the carrier's time; 0 until a mark has shown it."""
        playing = self._lines[0] if self._lines and self._lines[0].begun else None
        return playing.lag_ms if playing else self._lag_ms or 0

    @property
    def speaking_text(self) -> str:
        """The words of that line, "" when the line is silent."""
        return " ".join(self._lines[0].sentences) if self.speaking_line else ""

    @property
    def idle(self) -> bool:
        """Whether nothing is playing and nothing is waiting."""
        return not self._lines

    def enqueue(
        self,
        line_id: str,
        sentences: tuple[str, ...],
        *,
        protected: bool,
        now_ms: int,
        backchannel: bool = False,
    ) -> None:
        """Take a line in; its audio may come later. A `backchannel` may start while the caller has the turn."""
        line = _Line(line_id, sentences, protected, backchannel, since_ms=now_ms)
        line.audio = [None] * len(sentences)
        self._lines.append(line)

    def supply(self, line_id: str, index: int, audio: MuLaw) -> None:
        """The audio of one sentence is there. Unknown lines (stopped meanwhile) are ignored."""
        for line in self._lines:
            if line.line_id == line_id:
                line.audio[index] = audio

    def fail(self, line_id: str) -> None:
        """A sentence of this line cannot be rendered: the line ends with what was sent of it."""
        for line in self._lines:
            if line.line_id == line_id:
                line.failed = True

    def step(self, now_ms: int, *, may_start: bool) -> list[LedgerEntry]:
        """Send what is due by `now_ms`.

        `may_start` is false while the caller has the turn; protected lines and backchannels start anyway.
        """
        entries: list[LedgerEntry] = []
        if self._held_since_ms is not None and now_ms >= self._held_since_ms + HOLD_AT_MOST_MS:
            self.release()
        while self._lines and not self.held:
            line = self._lines[0]
            if not (line.begun or may_start or line.protected or line.backchannel or line.failed):
                return entries
            entries += self._send_due(line, now_ms)
            done = self._fate(line, now_ms)
            if done is None:
                return entries
            entries.append(done)
            self._drop(line)
        return entries

    def acknowledged(self, name: str, now_ms: int) -> list[LedgerEntry]:
        """The carrier returned a mark. An unknown one, or one that a `clear` made void, says nothing."""
        found = self._marks.pop(name, None)
        if found is None or not self._lines or self._lines[0].line_id != found[0]:
            return []
        line, (_, index, end_ms) = self._lines[0], found
        lag_ms = max(0, now_ms - end_ms)
        self._lag_ms = lag_ms if self._lag_ms is None else min(self._lag_ms, lag_ms)
        entries: list[LedgerEntry] = [
            SentenceHeard(line.line_id, number, line.sentences[number], now_ms)
            for number in range(line.acknowledged, index + 1)
        ]
        line.acknowledged = max(line.acknowledged, index + 1)
        if line.acknowledged == len(line.sentences):
            entries.append(LineDone(line.line_id, now_ms, True, line.total_ms, line.total_ms, lost=False))
            self._drop(line)
        return entries

    def stop(
        self, now_ms: int, *, protected_too: bool = False, backchannels_only: bool = False
    ) -> list[LedgerEntry]:
        """Fall silent: drop the lines that may be dropped, and clear what the carrier has of them."""
        entries: list[LedgerEntry] = []
        dropped = [line for line in self._lines if line.backchannel or not backchannels_only]
        for line in [line for line in dropped if protected_too or not line.protected]:
            if line.begun and not (self.held and line is self._lines[0]):
                entries.append(SendClear(now_ms + line.lag_ms))
                self._marks.clear()  # the carrier returns them all now: they no longer mean "played"
                self._end_ms = now_ms
            entries.append(self._cut(line, now_ms))
            self._drop(line)
        return entries

    @property
    def held(self) -> bool:
        """Whether the line that was speaking has been held."""
        return self._held_since_ms is not None

    def hold(self, now_ms: int) -> list[LedgerEntry]:
        """Silence the line that plays, and keep its place; a protected line, or one that is at its end, goes on."""
        line = self._lines[0] if self._lines else None
        if line is None or self.held or line.protected or not line.runs or now_ms >= self._end_ms:
            return []
        heard_ms = line.heard_ms(now_ms)
        self._held_since_ms, self._end_ms = now_ms, now_ms
        self._marks.clear()  # the carrier returns them all now: they no longer mean "played"
        line.go_back_to(heard_ms)
        return [SendClear(now_ms + line.lag_ms)]

    def release(self) -> None:
        """Let the line that was held go on with the next step."""
        self._held_since_ms = None

    def connection_lost(self, now_ms: int) -> list[LedgerEntry]:
        """Nothing more will be heard on this stream: every line is cut off where it stands."""
        entries: list[LedgerEntry] = [self._cut(line, now_ms) for line in self._lines]
        self._lines.clear()
        self._marks.clear()
        return entries

    def _send_due(self, line: _Line, now_ms: int) -> list[LedgerEntry]:
        """Send the line's next audio, up to AHEAD_MS ahead of playback."""
        entries: list[LedgerEntry] = []
        while not line.all_sent and (audio := line.audio[line.index]) is not None:
            start_ms = max(now_ms, self._end_ms)
            room_ms = AHEAD_MS - (start_ms - now_ms)
            left = audio[line.sent_bytes :]
            if room_ms < min(CHUNK_MS, mulaw_ms(MuLaw(left))):
                break
            if not line.begun:
                line.lag_ms = self._lag_ms or 0
            if line.told == line.index:
                line.told += 1
                entries.append(
                    SentenceBegun(
                        line.line_id, line.index, line.sentences[line.index], start_ms + line.lag_ms
                    )
                )
            payload = MuLaw(left[: room_ms // CHUNK_MS * CHUNK_MS * MULAW_BYTES_PER_MS] or left)
            entries.append(SendAudio(payload, start_ms + line.lag_ms))
            line.runs.append((start_ms, mulaw_ms(payload)))
            self._end_ms = start_ms + mulaw_ms(payload)
            line.sent_bytes += len(payload)
            if line.sent_bytes >= len(audio):
                entries.append(self._mark(line))
                line.index += 1
                line.sent_bytes = 0
        return entries

    def _mark(self, line: _Line) -> SendMark:
        """A mark at the end of the sentence just sent; its name is unique in the call."""
        name = f"{line.line_id}/{line.index + 1}"
        self._marks[name] = (line.line_id, line.index, self._end_ms)
        return SendMark(name)

    def _fate(self, line: _Line, now_ms: int) -> LineDone | None:
        """Whether time has decided about a line that was not acknowledged."""
        if line.all_sent:
            overdue = line.failed or now_ms >= self._end_ms + LOST_AFTER_MS
            if line.failed and line.begun and now_ms < self._end_ms:
                return None  # let what was sent be heard
        else:
            waiting_since_ms = max(line.since_ms, self._end_ms)
            starved = line.audio[line.index] is None
            overdue = starved and now_ms >= waiting_since_ms + RENDER_WITHIN_MS
        return self._cut(line, now_ms, lost=True) if overdue else None

    def _cut(self, line: _Line, now_ms: int, *, lost: bool = False) -> LineDone:
        return LineDone(line.line_id, now_ms, False, line.heard_ms(now_ms), line.total_ms, lost)

    def _drop(self, line: _Line) -> None:
        if line is self._lines[0]:
            self.release()
        self._lines.remove(line)
        self._marks = {name: found for name, found in self._marks.items() if found[0] != line.line_id}


def quiet_before(audio: MuLaw, at: int) -> int:
    """The quietest place of a sentence in the STEP_BACK_MS before the byte `at`: where a line goes on after a hold.

    Loudness is that of 20 ms of mu-law, whose codes count down from 255 (or 127) at silence.
    """
    first = max(0, at - STEP_BACK_MS * MULAW_BYTES_PER_MS)
    places = range(at - _FRAME_BYTES, first - 1, -_FRAME_BYTES)
    quietest = min(places, key=lambda place: _loudness(audio[place : place + _FRAME_BYTES]), default=at)
    return quietest if places else first


def _loudness(audio: bytes) -> int:
    """How far the codes lie from silence, together."""
    return sum(127 - (code & 127) for code in audio)
