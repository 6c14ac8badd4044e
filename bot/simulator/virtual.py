"""A whole call in virtual time: `bot.call.Call` against the simulated carrier, without sockets, threads or a clock.

Thirty seconds of talk take milliseconds. The ear is scripted, the voice is a tone as long as the words would take,
and decoding and rendering take as long as the script says; everything else is the real thing.
"""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from audio.mulaw import encode_mulaw
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from audio.voice.port import speakable
from bot import effects
from bot.call import Call
from bot.carrier.messages import Dtmf, Mark, Media, Start, Stop, parse
from bot.errors import BadMessage
from bot.hearing import listener
from bot.journal import Restored, restore
from bot.simulator.caller import Caller, SilentCaller
from bot.simulator.carrier import SimulatedCarrier
from bot.simulator.faults import Faults
from bot.simulator.scripted_ear import ScriptedEar, ScriptedTurn
from flows.line import LineFacts

STEP_MS: Final = 20
MS_PER_CHARACTER: Final = 60
"""How long a voice takes for a letter: 165 words a minute."""

TONE_HZ: Final = 300


def tone_voice(text: str) -> MuLaw:
    """A sentence as a tone of the length that speaking it would take. Raises VoiceFailed as a real voice does."""
    samples = len(speakable(text, voice="tone")) * MS_PER_CHARACTER * TELEPHONE_HZ // 1000
    wave = 0.2 * np.sin(2 * np.pi * TONE_HZ * np.arange(samples, dtype=np.float32) / TELEPHONE_HZ)
    return encode_mulaw(Samples8k(wave.astype(np.float32)))


@dataclass
class VirtualCall:
    """One stream of one call in virtual time. Run it, then look at what came of it.

    `render_ms` is how long a sentence takes to render (None: every sentence is cached); `render_fails` makes rendering
    fail for the texts it is true of. `journal` is the call's log so far, for a call whose first stream was lost.
    """

    turns: Sequence[ScriptedTurn] = ()
    faults: Faults = field(default_factory=Faults.none)
    facts: LineFacts = field(default_factory=LineFacts)
    caller: Caller = field(default_factory=SilentCaller)
    keys: Sequence[tuple[int, str]] = ()
    render_ms: int | None = None
    render_fails: Callable[[str], bool] = field(default=lambda _text: False)
    journal: list[str] = field(default_factory=list)
    done: list[effects.Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        restored: Restored | None = restore(self.journal)
        self.ear = ScriptedEar(self.turns, is_listening=listener(self.facts.language))
        self.call = Call(
            "CA0",
            facts=self.facts,
            ear=self.ear,
            cached=self._cached,
            restored=restored,
        )
        self.carrier = SimulatedCarrier(self.caller, self.faults)
        self.now_ms = 0
        self._offset_ms = restored.last_ms if restored else 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._closed = False
        self._stream_sid = ""

    def run(self, *, until_ms: int = 600_000) -> "VirtualCall":
        """Run until the stream is over, or `until_ms` have passed."""
        for text in self.carrier.start():
            self._tell(text)
        while self.now_ms < until_ms and not self._over:
            self.now_ms += STEP_MS
            for text in self.carrier.step(self.now_ms):
                self._tell(text)
            self._press_keys()
            self._finish_due()
            self.call.advance(self._offset_ms + self.now_ms)
            self._carry_out()
        if self.carrier.ending is not None and not self.call.ended:
            self.call.lose_connection()
            self._carry_out()
        return self

    @property
    def _over(self) -> bool:
        return self.carrier.finished or (self._closed and self.carrier.ending is not None)

    def _cached(self, text: str) -> MuLaw | None:
        return tone_voice(text) if self.render_ms is None else None

    def _tell(self, text: str) -> None:
        """Hand a message of the carrier to the call, as the driver would."""
        try:
            message = parse(text)
        except BadMessage:
            return
        match message:
            case Start(stream_sid=stream_sid):
                self.call.start(stream_sid)
            case Media(timestamp_ms=timestamp_ms, payload=payload):
                self.call.hear(payload, timestamp_ms)
            case Mark(name=name):
                self.call.mark(name)
            case Dtmf(digit=digit):
                self.call.press(digit)
            case Stop():
                self.call.stop()
        self._carry_out()

    def _press_keys(self) -> None:
        for at_ms, digit in self.keys:
            if at_ms == self.now_ms:
                self.call.press(digit)
                self._carry_out()

    def _finish_due(self) -> None:
        """Bring back the decodings and renderings whose time has come."""
        while self._due and self._due[0][0] <= self.now_ms:
            heapq.heappop(self._due)[2]()
            self._carry_out()

    def _after(self, delay_ms: int, bring: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_ms + delay_ms, next(self._order), bring))

    def _carry_out(self) -> None:
        for effect in self.call.take_effects():
            self.done.append(effect)
            match effect:
                case effects.Send(text=text):
                    self.carrier.receive(text, self.now_ms)
                case effects.Write(body=body):
                    self.journal.append(body)
                case effects.Decode(job_id=job_id):
                    self._decode(job_id)
                case effects.Render(line_id=line_id, index=index, text=text):
                    self._render(line_id, index, text)
                case effects.Close():
                    self._closed = True
                    self.carrier.socket_closed(self.now_ms)
                case _:
                    pass  # storing and recording: what was asked for is in `done`

    def _decode(self, job_id: int) -> None:
        transcript = self.ear.transcript_for(job_id)
        delay_ms = self.ear.decode_ms_for(job_id)
        if transcript is None:
            self._after(delay_ms, lambda: self.call.decode_failed(job_id, "scripted failure"))
        else:
            self._after(delay_ms, lambda: self.call.decoded(job_id, transcript))

    def _render(self, line_id: str, index: int, text: str) -> None:
        delay_ms = self.render_ms or 0
        if self.render_fails(text):
            self._after(delay_ms, lambda: self.call.render_failed(line_id))
        else:
            self._after(delay_ms, lambda: self.call.rendered(line_id, index, tone_voice(text)))
