"""The application: one ASGI app for the media WebSocket, with the Flask app for everything else mounted in it.

The port is open at once; models and voice are loaded beside it, and /readyz says when calls can be answered.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from a2wsgi import WSGIMiddleware

from audio.activity import ActivityModel
from audio.model_choice import model_for, this_machine
from audio.transcriber import Transcriber
from audio.voice.cache import VoiceCache
from audio.whisper import Whisper
from bot.admission import Admission
from bot.line_config import LineConfig
from bot.live import LiveFeed
from bot.loop_delay import LoopDelay
from bot.media import OpenStreams, serve_media
from bot.metrics import Metrics
from bot.parts import Parts
from bot.priority import give_way_to_calls, work_in_one_thread
from bot.settings import Settings
from bot.store import Store
from bot.store.upgrade import upgrade
from bot.strain import strain
from bot.tokens import StreamTokens, token_secret
from bot.warming import warm_voice
from bot.web import create_web
from bot.web_parts import WebParts
from bot.websocket import Receive, SendMessage, WebSocket
from calmline import CalmlineError
from flows.meaning import understand

EAR, VOICE = "the ear", "the voice"
TRY_AGAIN_LATER: Final = 1013
WEB_THREADS: Final = 10
MAX_WORKERS: Final = 4
"""Decodings at a time, one thread each: a second thread to a decoding gains nothing (`python -m bench.threads`), and
threads that wait for each other on a busy machine lose much."""

Report = Callable[[str], None]

_log = logging.getLogger(__name__)


class Application:
    """The ASGI application of one process. `parts` is None until everything is loaded."""

    def __init__(self, settings: Settings, config: LineConfig, *, report: Report) -> None:
        self.settings, self.config = settings, config
        self.feed = LiveFeed()
        self.metrics = Metrics()
        self.admission = Admission(settings.max_calls, clock_s=time.monotonic, waiting_for=(EAR, VOICE))
        self.parts: Parts | None = None
        self.failure: Exception | None = None
        self.settled = threading.Event()  # everything is loaded, or loading has failed
        work_in_one_thread()
        settings.calmline_home.mkdir(parents=True, exist_ok=True)
        if settings.store_url.startswith("sqlite"):
            upgrade(settings.store_url)
        self._store = Store(settings.store_url)
        self._tokens = StreamTokens(token_secret(settings))
        self._report = report
        self._streams = OpenStreams()
        self._loop_delay = LoopDelay(self.metrics)
        web = WebParts(settings, config, self._store, self._tokens, self.admission, self.metrics)
        self._web = WSGIMiddleware(create_web(web).wsgi_app, workers=WEB_THREADS)  # type: ignore[arg-type]
        self._loader = threading.Thread(target=self._load, name="loader", daemon=True)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: SendMessage) -> None:
        """Serve one connection, or the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        else:
            await self._web(scope, receive, send)  # type: ignore[arg-type]  # a2wsgi's own names for ASGI's types

    async def _live(self, receive: Receive, send: SendMessage) -> None:
        """Load beside the open port; at the end give everything back."""
        watch: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._loader.start()
                watch = asyncio.create_task(self._loop_delay.watch())
                await send({"type": "lifespan.startup.complete"})
            else:
                self.admission.drain()
                if watch is not None:
                    watch.cancel()
                await asyncio.get_running_loop().run_in_executor(None, self._close)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve_socket(self, scope: dict[str, Any], receive: Receive, send: SendMessage) -> None:
        socket = WebSocket(receive, send)
        if scope["path"] != f"{self.settings.path_prefix}/media" and scope["path"] != "/media":
            await socket.refuse()
        elif self.parts is None:
            await socket.accept()
            await socket.close(TRY_AGAIN_LATER, "the line is not ready")
        else:
            await serve_media(socket, self.parts, self._streams)

    def _load(self) -> None:
        """In the loader's thread: ear and voice, side by side."""
        try:
            with ThreadPoolExecutor(2, thread_name_prefix="load") as pool:
                ear, voice = pool.submit(self._load_ear), pool.submit(self._load_voice)
                for language in self.config.languages:
                    understand("hello", language=language)  # its rules take a second to compile
                activity_model, transcriber = ear.result()
                cache = voice.result()
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: whoever waits for it is told
            self.failure = error
            defect = not isinstance(error, CalmlineError)
            _log.critical("the line cannot answer calls: %s", error, exc_info=defect)
        else:
            recordings = self._recordings()
            self.parts = Parts(
                settings=self.settings,
                config=self.config,
                store=self._store,
                tokens=self._tokens,
                admission=self.admission,
                metrics=self.metrics,
                feed=self.feed,
                activity_model=activity_model,
                transcriber=transcriber,
                voice=cache,
                recordings=recordings,
            )
            self._loop_delay.forget()
            self.admission.measured_by(lambda: self._strain(transcriber))
            self.admission.loaded(EAR)
            self.admission.loaded(VOICE)
        finally:
            self.settled.set()

    def _strain(self, transcriber: Transcriber) -> str:
        """Why another call could not be served well just now."""
        return strain(
            wait_s=transcriber.wait_s(),
            busy_share=transcriber.busy_share(),
            loop_delay_ms=self._loop_delay.p99_ms(),
        )

    def _recordings(self) -> Path:
        """The folder of the recordings. Where it cannot be made, calls go on without (and are counted)."""
        folder = self.settings.calmline_home / "recordings"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.error("calls will not be recorded: %s", error)
        return folder

    def _load_ear(self) -> tuple[ActivityModel, Transcriber]:
        give_way_to_calls()  # in this thread, so that the decoders it starts do
        cache = self.settings.calmline_home / "models"
        choice, folder = model_for(
            self.config.languages, wished=self.settings.whisper_model, cache=cache, report=self._report
        )
        workers = max(1, min(MAX_WORKERS, this_machine().cores))
        whisper = Whisper.load(
            folder, threads=1, workers=workers, device=choice.device, compute_type=choice.compute_type
        )
        on_wait = self.metrics.decode_wait_seconds.observe
        transcriber = Transcriber(whisper, workers=workers, on_wait=on_wait)
        transcriber.warm_up()
        return ActivityModel(), transcriber

    def _load_voice(self) -> VoiceCache:
        return warm_voice(self.config, self.settings.calmline_home / "voice", report=self._report)

    def _close(self) -> None:
        self._loader.join()
        if self.parts is not None:
            self.parts.close()
        else:
            self._store.close()
