"""One call, sans-I/O: fed with what the carrier and the services say, it returns effects for its driver.

The asyncio driver, the simulator in virtual time, the tests and the replay all drive this one class:

    call.start(stream_sid)            the stream is open
    call.hear(payload, timestamp_ms)  audio of the caller, with the carrier's timestamp
    call.press(digit) / call.mark(name) / call.stop() / call.lose_connection()
    call.advance(now_ms)              time goes on, whatever the carrier does
    call.decoded(...) / call.decode_failed(...) / call.rendered(...) / call.render_failed(...)
    call.take_effects()               what to do, in order

Times are call time: media time of the carrier, carried on when a stream is opened again.
"""

from collections import deque
from collections.abc import Callable

from audio.ear_events import EarEvent, LineHeld, LineReleased, TurnEnded
from audio.ear_port import EarPort
from audio.signal import MuLaw, mulaw_ms
from audio.transcript import Transcript
from bot import effects, ledger
from bot.carrier import messages
from bot.effects import Effect
from bot.hearing import Hearing
from bot.journal import Entry, Journal, Restored
from flows import commands, events
from flows.decide import decide
from flows.events import Event, TimerName
from flows.line import LineFacts
from flows.state import State

TAIL_MS = 300
"""So long the stream stays open after the last word was heard, so that no carrier cuts its end."""

MAX_JUMP_MS = 30_000
"""Audio dated so far ahead of the call's clock is not believed."""


class Call:
    """One call. `cached` returns the audio of a sentence that is ready, or None."""

    def __init__(
        self,
        call_id: str,
        *,
        facts: LineFacts,
        ear: EarPort,
        cached: Callable[[str], MuLaw | None],
        restored: Restored | None = None,
    ) -> None:
        self.call_id = call_id
        self.state = restored.state if restored else State(line=facts)
        self.now_ms = restored.last_ms if restored else 0
        self.ended = False
        self._offset_ms = self.now_ms
        self._resumed = restored is not None
        self._ear = ear
        self._cached = cached
        self._ledger = ledger.PlaybackLedger()
        self._journal = Journal(restored.next_seq if restored else 0)
        self._effects: list[Effect] = []
        self._events: deque[Event] = deque()
        self._timers: dict[TimerName, int] = {}
        self._stream_sid = ""
        self._close_at_ms: int | None = None
        self._hearing = Hearing()
        self._caller_finished_ms: int | None = None

    def take_effects(self) -> list[Effect]:
        """What to do now, in order. Each effect is returned once."""
        taken, self._effects = self._effects, []
        return taken

    def start(self, stream_sid: str) -> None:
        """The stream is open: greet, or go on where the connection was lost."""
        self._stream_sid = stream_sid
        if self._journal.is_new:
            self._write(self._journal.header(self.call_id, self.state.line))
        if self._resumed:
            for line in self.state.outstanding:  # nobody knows what was heard of them: they count as cut off
                self._happened(events.LineHeard(self.now_ms, line.line_id, False, 0, 0))
            self._happened(events.CallResumed(self.now_ms))
        else:
            self._happened(events.CallStarted(self.now_ms))
        self._settle()

    def hear(self, payload: bytes, timestamp_ms: int) -> None:
        """Audio of the caller; `timestamp_ms` is the carrier's, counted from the start of this stream."""
        if self.ended:
            return
        start_ms = self._offset_ms + timestamp_ms
        if start_ms > self.now_ms + MAX_JUMP_MS:
            return  # no carrier is so far ahead of the clock; believing it would make all later audio late
        self._effects.append(effects.RecordCaller(payload, start_ms))
        if self._close_at_ms is None:
            self._take_in(self._ear.feed(payload, start_ms=start_ms))
        self.advance(start_ms + mulaw_ms(MuLaw(payload)))

    def press(self, digit: str) -> None:
        """The carrier says that the caller pressed a key."""
        for event in self._hearing.pressed(digit, now_ms=self.now_ms):
            self._happened(event)
        self._settle()

    def mark(self, name: str) -> None:
        """The carrier returned a mark."""
        self._take_entries(self._ledger.acknowledged(name, self.now_ms))
        self._settle()

    def stop(self) -> None:
        """The carrier ended the stream: the caller hung up."""
        self._leave(events.Departure.HUNG_UP)

    def lose_connection(self) -> None:
        """The socket closed without a word; the carrier may open another stream for this call."""
        self._leave(events.Departure.SOCKET_LOST)

    def advance(self, now_ms: int) -> None:
        """Let time go on to `now_ms`: timers fire, due audio goes out, overdue lines are given up."""
        if self.ended:
            return
        self.now_ms = max(self.now_ms, now_ms)
        for timer in [timer for timer, due_ms in self._timers.items() if due_ms <= self.now_ms]:
            if self._timers.get(timer, self.now_ms + 1) <= self.now_ms:  # an earlier one may have moved it
                del self._timers[timer]
                self._happened(events.TimerFired(self.now_ms, timer))
        self._settle()
        if self._close_at_ms is not None and self.now_ms >= self._close_at_ms:
            self._finish_stream()

    def decoded(self, job_id: int, transcript: Transcript) -> None:
        """The words of a Decode."""
        if not self.ended:
            self._take_in(self._ear.decoded(job_id, transcript))
            self._settle()

    def decode_failed(self, job_id: int, reason: str) -> None:
        """A Decode that has no result."""
        if not self.ended:
            self._take_in(self._ear.failed(job_id, reason))
            self._settle()

    def rendered(self, line_id: str, index: int, audio: MuLaw) -> None:
        """The audio of a Render."""
        self._ledger.supply(line_id, index, audio)
        self._settle()

    def render_failed(self, line_id: str) -> None:
        """A Render that has no result: the line ends with what was sent of it."""
        self._ledger.fail(line_id)
        self._settle()

    # -- from the ear -------------------------------------------------------------------------------------------

    def _take_in(self, heard: list[EarEvent]) -> None:
        """Turn what the ear says into requests and events."""
        for item in heard:
            line_id = self._ledger.speaking_line
            match item:
                case LineHeld():
                    self._hold(line_id)
                case LineReleased(text=text):
                    self._release(line_id, text)
                case TurnEnded(end_ms=end_ms):
                    self._caller_finished_ms = end_ms
            for outcome in self._hearing.made_of(
                item, now_ms=self.now_ms, line_id=line_id, expecting=self.state.expecting
            ):
                if isinstance(outcome, Event):
                    self._happened(outcome)
                else:
                    self._effects.append(outcome)

    def _hold(self, line_id: str | None) -> None:
        """Somebody speaks over the line: it falls silent until it is known whether that interrupts it."""
        entries = self._ledger.hold(self.now_ms)
        if entries and line_id is not None:
            self._write(self._journal.playback("held", line_id=line_id, at_ms=self.now_ms))
        self._take_entries(entries)

    def _release(self, line_id: str | None, text: str) -> None:
        """It does not: the line goes on."""
        if self._ledger.held and line_id is not None:
            self._write(self._journal.playback("resumed", line_id=line_id, text=text, at_ms=self.now_ms))
        self._ledger.release()

    # -- the decision and its commands ----------------------------------------------------------------------------

    def _happened(self, event: Event) -> None:
        self._events.append(event)

    def _settle(self) -> None:
        """Decide on everything that has happened, and send what is due, until nothing more follows."""
        while not self.ended:
            while self._events:
                self._decide(self._events.popleft())
            may_start = not self.state.caller_speaking
            self._take_entries(self._ledger.step(self.now_ms, may_start=may_start))
            if not self._events:
                break
        self._take_in(self._ear.line_speaks(self._ledger.speaking_line, self._ledger.speaking_text))

    def _decide(self, event: Event) -> None:
        """Log the event, decide, log each command and carry it out."""
        if self.state.over:
            return
        self._write(self._journal.event(event))
        self.state, decided = decide(self.state, event)
        entries = [self._journal.command(command, at_ms=self.now_ms) for command in decided]
        for entry in entries:
            self._write(entry)
        for command in decided:
            self._carry_out(command)

    def _carry_out(self, command: commands.Command) -> None:
        match command:
            case commands.Say():
                self._say(command)
            case commands.StopSpeaking():
                self._take_entries(
                    self._ledger.stop(
                        self.now_ms,
                        protected_too=command.protected_too,
                        backchannels_only=command.backchannels_only,
                    )
                )
            case commands.SetTimer(timer=timer, after_ms=after_ms):
                self._timers[timer] = self.now_ms + after_ms
            case commands.CancelTimer(timer=timer):
                self._timers.pop(timer, None)
            case commands.SetPatience(pause_ms=pause_ms):
                self._take_in(self._ear.end_pause_after(pause_ms))
            case commands.PromiseCallback(about=about, number=number):
                self._effects.append(effects.Promise(about, number))
            case commands.Flag(kind=kind):
                self._effects.append(effects.Raise(kind, self.now_ms))
            case commands.EndCall(disposition=disposition, afterwards=afterwards):
                self._effects.append(effects.Finish(disposition, afterwards))
                self._close_at_ms = self.now_ms + TAIL_MS
            case commands.Rule():
                pass  # the ruling is in the log; it has no other effect

    def _say(self, line: commands.Say) -> None:
        """Give a line to the ledger; sentences that are not ready are rendered while the first ones play."""
        self._ledger.enqueue(
            line.line_id,
            line.sentences,
            protected=line.protected,
            now_ms=self.now_ms,
            backchannel=line.backchannel,
        )
        for index, sentence in enumerate(line.sentences):
            audio = self._cached(sentence)
            if audio is None:
                self._effects.append(effects.Render(line.line_id, index, sentence))
            else:
                self._ledger.supply(line.line_id, index, audio)

    # -- to the carrier -------------------------------------------------------------------------------------------

    def _take_entries(self, entries: list[ledger.LedgerEntry]) -> None:
        """Send what the ledger sends, record what is heard, and tell the judgement what became of a line."""
        for entry in entries:
            match entry:
                case ledger.SendAudio(payload=payload, start_ms=start_ms):
                    self._effects.append(effects.Send(messages.media(self._stream_sid, payload)))
                    self._effects.append(effects.RecordLine(payload, start_ms))
                    self._ear.line_played(payload, start_ms=start_ms)
                case ledger.SendMark(name=name):
                    self._effects.append(effects.Send(messages.mark(self._stream_sid, name)))
                case ledger.SendClear(at_ms=at_ms):
                    self._effects.append(effects.Send(messages.clear(self._stream_sid)))
                    self._effects.append(effects.CutLine(at_ms))
                    self._ear.line_cut(at_ms=at_ms)
                case ledger.SentenceBegun():
                    self._sentence_begins(entry)
                case ledger.SentenceHeard(line_id=line_id, index=index, text=text, at_ms=at_ms):
                    self._write(
                        self._journal.playback(
                            "heard", line_id=line_id, sentence=index, text=text, at_ms=at_ms
                        )
                    )
                case ledger.LineDone():
                    self._happened(
                        events.LineHeard(
                            at_ms=entry.at_ms,
                            line_id=entry.line_id,
                            to_its_end=entry.to_its_end,
                            heard_ms=entry.heard_ms,
                            total_ms=entry.total_ms,
                            lost=entry.lost,
                        )
                    )

    def _sentence_begins(self, entry: ledger.SentenceBegun) -> None:
        """Log it; the first one after a turn of the caller tells how long the caller waited."""
        facts = {
            "line_id": entry.line_id,
            "sentence": entry.index,
            "text": entry.text,
            "at_ms": entry.start_ms,
        }
        if self._caller_finished_ms is not None:
            facts["response_ms"] = entry.start_ms - self._caller_finished_ms
            self._effects.append(effects.Responded(entry.start_ms - self._caller_finished_ms))
            self._caller_finished_ms = None
        self._write(self._journal.playback("begun", **facts))

    def _leave(self, departure: events.Departure) -> None:
        """The stream is gone: settle what became of the lines, then say that the caller left."""
        if self.ended:
            return
        self._effects.append(effects.CutLine(self.now_ms + self._ledger.lag_ms))
        self._take_entries(self._ledger.connection_lost(self.now_ms))
        self._happened(events.CallerLeft(self.now_ms, departure))
        while self._events:
            self._decide(self._events.popleft())
        self._finish_stream()

    def _finish_stream(self) -> None:
        self.ended = True
        self._effects.append(effects.Close())

    def _write(self, entry: Entry) -> None:
        self._effects.append(effects.Write(entry.seq, entry.body, entry.durable))
