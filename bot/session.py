"""The asyncio driver of one call: carries out what `bot.call.Call` asks for, in order, and brings back results.

One task consumes one inbox, so the call itself never runs twice at a time. Nothing here blocks the loop: decoding,
rendering, the store and the disk have threads of their own.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from audio.ear import Ear
from audio.ear_events import DecodePurpose
from audio.errors import AudioError
from audio.signal import MuLaw
from audio.transcript import Transcript
from audio.vocabulary import vocabulary_prompt
from bot import effects
from bot.call import Call
from bot.call_log import CallLog
from bot.call_recording import CallRecording
from bot.carrier.messages import Connected, Dtmf, Inbound, Mark, Media, Start, Stop
from bot.errors import BadMessage, StoreFailed
from bot.hearing import listener
from bot.journal import restore
from bot.line_config import facts
from bot.media_messages import MediaMessages
from bot.parts import Parts
from bot.phone_numbers import can_be_called
from bot.promises import promise_callback
from bot.websocket import POLICY_VIOLATION, SocketGone, WebSocket

_Result = TypeVar("_Result")

TICK_S: Final = 0.05
"""When the carrier sends nothing for so long, the call's clock goes on by itself."""

INBOX_FULL: Final = 500
"""So many messages (10 s of audio) may wait for the call before the carrier has to."""

FINAL_WITHIN_S: Final = 8.0
"""A final transcript that takes longer is given up: the caller is asked to say it again."""

_log = logging.getLogger(__name__)

Input = Callable[[Call], None]


class CallSession:
    """Drives one call over one media stream."""

    def __init__(
        self, call_id: str, stream_sid: str, parts: Parts, socket: WebSocket, messages: MediaMessages
    ) -> None:
        self._call_id, self._stream_sid = call_id, stream_sid
        self._parts, self._socket, self._messages = parts, socket, messages
        self._inbox: asyncio.Queue[Input] = asyncio.Queue()
        self._log = CallLog(call_id, parts.store, parts.store_thread)
        self._jobs: dict[int, Future[Transcript]] = {}
        self._recording: CallRecording | None = None
        self._closed = False
        self._quiet = True  # nothing has come in since the last tick

    async def run(self) -> None:
        """Run the call until it ends or the connection is lost."""
        call = await self._open()
        reader = asyncio.create_task(self._read())
        clock = asyncio.create_task(self._tick(call.now_ms))
        try:
            await self._apply(call, lambda call: call.start(self._stream_sid))
            while not self._closed:
                item = await self._inbox.get()
                self._quiet = False
                await self._apply(call, item)
        finally:
            reader.cancel()
            clock.cancel()
            for job_id in list(self._jobs):
                self._cancel(job_id)
            await self._finish(call)

    def give_way(self) -> None:
        """Another stream of the call is open, so this one is lost, whether its socket has noticed or not."""
        self._inbox.put_nowait(Call.lose_connection)

    async def _open(self) -> Call:
        """Make the call, or bring it back from its log when an earlier stream of it was lost."""
        parts = self._parts
        entries = await self._in_store(lambda: parts.store.entries(self._call_id))
        restored = restore(entries)
        caller = (await self._in_store(lambda: parts.store.call(self._call_id))).caller
        stream = await self._in_store(lambda: parts.store.count_stream(self._call_id))
        path = parts.recordings / f"{self._call_id}-{stream}.flac"
        offset_ms = restored.last_ms if restored else 0
        self._recording = CallRecording(
            path, thread=parts.disk_thread, metrics=parts.metrics, offset_ms=offset_ms
        )
        if stream == 1:  # later streams of the same call are numbered beside the first
            await self._in_store(lambda: parts.store.keep_recording(self._call_id, str(path)))
        return Call(
            self._call_id,
            facts=replace(facts(parts.config), caller_reachable=can_be_called(caller)),
            ear=Ear(
                parts.activity_model,
                languages=parts.config.languages,
                is_listening=listener(parts.config.language),
            ),
            cached=parts.voice.get,
            restored=restored,
        )

    # -- what comes in --------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Put what the carrier says into the inbox, until the socket is gone."""
        try:
            while True:
                message = await self._messages.next(stream_sid=self._stream_sid)
                self._inbox.put_nowait(_input_of(message))
                while self._inbox.qsize() > INBOX_FULL:
                    await asyncio.sleep(TICK_S)  # the call is behind: let the carrier wait
        except SocketGone:
            self._inbox.put_nowait(Call.lose_connection)
        except BadMessage:
            await self._socket.close(POLICY_VIOLATION, "too many bad messages")
            self._inbox.put_nowait(Call.lose_connection)

    async def _tick(self, now_ms: int) -> None:
        """Let time go on from `now_ms` whenever nothing has come in for TICK_S."""
        loop = asyncio.get_running_loop()
        began_s = loop.time() - now_ms / 1000
        while True:
            self._quiet = True
            await asyncio.sleep(TICK_S)
            if self._quiet:
                self._inbox.put_nowait(_advance_to(int((loop.time() - began_s) * 1000)))

    def _bring(self, loop: asyncio.AbstractEventLoop, item: Input) -> None:
        """From another thread: put a result into the inbox, unless the loop is gone."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._inbox.put_nowait, item)

    # -- what goes out --------------------------------------------------------------------------------------------

    async def _apply(self, call: Call, item: Input) -> None:
        """Feed the call once, and carry out what it asks for."""
        item(call)
        for effect in call.take_effects():
            await self._carry_out(effect)

    async def _carry_out(self, effect: effects.Effect) -> None:  # noqa: C901, PLR0912 - one case an effect
        assert self._recording is not None, "a call is opened before it runs"
        parts = self._parts
        match effect:
            case effects.Write(seq=seq, body=body, durable=durable):
                self._log.add(seq, body)
                parts.feed.publish_entry(self._call_id, body)
                if durable and not await self._log.flush():
                    parts.metrics.store_failed.inc()
            case effects.Send(text=text):
                await self._send(text)
            case effects.Decode():
                self._decode(effect)
            case effects.CancelDecode(job_id=job_id):
                self._cancel(job_id)
            case effects.Render():
                self._render(effect)
            case effects.RecordCaller(payload=payload, start_ms=start_ms):
                self._recording.caller(payload, start_ms=start_ms)
            case effects.RecordLine(payload=payload, start_ms=start_ms):
                self._recording.line(payload, start_ms=start_ms)
            case effects.CutLine(at_ms=at_ms):
                self._recording.cut(at_ms=at_ms)
            case effects.Promise(about=about, number=number):
                await self._promise(about, number)
            case effects.Raise(kind=kind, at_ms=at_ms):
                await self._keep(lambda: parts.store.flag(self._call_id, kind, at_ms=at_ms))
            case effects.Finish():
                await self._store_ending(effect)
            case effects.Show(at_ms=at_ms, partial=partial):
                parts.feed.publish(self._call_id, {"partial": partial, "at_ms": at_ms})
            case effects.Responded(after_ms=after_ms):
                parts.metrics.response_ms.observe(after_ms)
            case effects.Close():
                self._closed = True
                await self._socket.close()

    async def _send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except SocketGone:
            self._inbox.put_nowait(Call.lose_connection)

    def _decode(self, wanted: effects.Decode) -> None:
        """Queue speech for the shared transcriber."""
        loop, job_id = asyncio.get_running_loop(), wanted.job_id
        final = wanted.purpose is DecodePurpose.FINAL
        if wanted.purpose is DecodePurpose.PARTIAL and not self._parts.feed.watched:
            self._inbox.put_nowait(lambda call: call.decode_failed(job_id, "nobody watches"))
            return
        job = self._parts.transcriber.submit(
            wanted.samples,
            purpose=wanted.purpose,
            ask=wanted.ask,
            prompt=vocabulary_prompt(self._parts.config.names),
            deadline_s=FINAL_WITHIN_S if final else None,
        )
        self._jobs[job_id] = job

        def done(job: Future[Transcript]) -> None:
            unwanted = self._jobs.pop(job_id, None) is None
            try:
                transcript = job.result()
            except CancelledError:
                if unwanted:
                    return
                self._parts.metrics.decodes_shed.inc()
                self._bring(
                    loop, lambda call: call.decode_failed(job_id, "not decoded: the ear is overloaded")
                )
            except AudioError as error:
                reason = str(error)
                _log.warning("call %s: %s", self._call_id, reason)
                self._bring(loop, lambda call: call.decode_failed(job_id, reason))
            else:
                self._count(transcript, wanted.purpose)
                self._bring(loop, lambda call: call.decoded(job_id, transcript))

        job.add_done_callback(done)
        if final:
            loop.call_later(FINAL_WITHIN_S, self._give_up, job_id)

    def _give_up(self, job_id: int) -> None:
        """The words of a turn are too late, in the queue or in the recogniser: the call goes on without them."""
        if job_id in self._jobs:
            self._cancel(job_id)
            self._inbox.put_nowait(
                lambda call: call.decode_failed(job_id, f"not decoded within {FINAL_WITHIN_S:.0f} s")
            )

    def _cancel(self, job_id: int) -> None:
        """The result of a decoding is not wanted any more; one that is done already stays so."""
        if job := self._jobs.pop(job_id, None):
            job.cancel()

    def _count(self, transcript: Transcript, purpose: DecodePurpose) -> None:
        """Count a decoding that has a result."""
        metrics = self._parts.metrics
        metrics.decode_seconds.labels(purpose.value).observe(transcript.cpu_ms / 1000)
        metrics.decode_retries.inc(transcript.retries)

    def _render(self, wanted: effects.Render) -> None:
        """Have a sentence rendered that is not in the cache."""
        loop = asyncio.get_running_loop()
        job: Future[MuLaw] = self._parts.voice_thread.submit(self._parts.voice.render, wanted.text)

        def done(job: Future[MuLaw]) -> None:
            try:
                audio = job.result()
            except (AudioError, CancelledError) as error:
                _log.error("call %s: %s", self._call_id, error)
                self._bring(loop, lambda call: call.render_failed(wanted.line_id))
            else:
                self._bring(loop, lambda call: call.rendered(wanted.line_id, wanted.index, audio))

        job.add_done_callback(done)

    # -- what must be stored --------------------------------------------------------------------------------------

    async def _promise(self, about: str, number: str) -> None:
        """A call back that someone owes the caller, with an owner, a time and a number (`close.commit`)."""
        parts = self._parts

        def store() -> None:
            promise_callback(
                parts.store,
                parts.config,
                call_id=self._call_id,
                number=number or parts.store.call(self._call_id).caller,
                about=about,
                now=datetime.now(UTC),
            )

        await self._keep(store)

    async def _store_ending(self, ending: effects.Finish) -> None:
        parts = self._parts

        def store() -> None:
            news = parts.store.finish_call(
                self._call_id,
                disposition=ending.disposition,
                afterwards=ending.afterwards,
                ended_at=datetime.now(UTC),
            )
            if news:
                parts.metrics.calls_ended.labels(ending.disposition.value).inc()

        await self._keep(store)

    async def _finish(self, call: Call) -> None:
        """The stream is over: write what waits, close the recording."""
        if not call.ended:
            call.lose_connection()  # the server is shutting down, or a defect ended the loop
            for effect in call.take_effects():
                if isinstance(effect, effects.Write):
                    self._log.add(effect.seq, effect.body)
        await self._log.flush()
        if self._recording is not None:
            await self._recording.close()

    async def _keep(self, work: Callable[[], object]) -> None:
        """Store something the call has decided. A store that fails is logged and counted; the caller goes on."""
        try:
            await self._in_store(work)
        except StoreFailed as error:
            self._parts.metrics.store_failed.inc()
            _log.error("call %s: %s", self._call_id, error)

    async def _in_store(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in the store's thread. Raises StoreFailed."""
        return await asyncio.get_running_loop().run_in_executor(self._parts.store_thread, work)


def _advance_to(now_ms: int) -> Input:
    """Time goes on although the carrier sends nothing."""
    return lambda call: call.advance(now_ms)


def _input_of(message: Inbound) -> Input:
    """What a message of the carrier means to a call."""
    match message:
        case Media(timestamp_ms=timestamp_ms, payload=payload):
            return lambda call: call.hear(payload, timestamp_ms)
        case Mark(name=name):
            return lambda call: call.mark(name)
        case Dtmf(digit=digit):
            return lambda call: call.press(digit)
        case Stop():
            return Call.stop
        case Connected() | Start():
            return _advance_to(0)  # said once at the beginning; a repeat changes nothing
