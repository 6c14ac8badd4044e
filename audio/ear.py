"""The ear of one call: mu-law with the carrier's timestamps in, turns and their words out.

It has no I/O, no threads and no clock. Whoever drives it feeds audio, has each DecodeWanted decoded, and
hands the results back.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audio.activity import CHUNK_SAMPLES, Activity, ActivityModel
from audio.dtmf import DtmfDetector
from audio.ear_events import DecodePurpose, DecodeWanted, EarEvent, KeyTone, Utterance
from audio.echo import EchoSuppressor, Suppressed
from audio.endpointing import CHUNK_MS
from audio.language import LanguageAsk, LanguageChoice
from audio.listening import NOT_LISTENING, Listening
from audio.mulaw import decode_mulaw
from audio.over_line import IsListening
from audio.resample import Upsampler
from audio.signal import EAR_HZ, MULAW_BYTES_PER_MS, TELEPHONE_HZ, MuLaw, Samples8k, Samples16k
from audio.timeline import Skip, Timeline
from audio.transcript import Transcript
from audio.turn_taking import PARTIAL_EVERY_MS

PIECE_BYTES: Final = 8_000
"""Audio is worked on in pieces of one second, so that a large payload needs no large arrays."""


class Ear:
    """Timestamps, activity and turns of one call, put together; an `audio.ear_port.EarPort`.

    `activity_model` is shared by all calls. `languages` are the line's, its main one first; `is_listening` knows the
    words of somebody who listens and does not interrupt; `partial_every_ms` is how much speech lies between two
    partials.
    """

    def __init__(
        self,
        activity_model: ActivityModel,
        *,
        languages: Sequence[str] = ("en",),
        is_listening: IsListening = NOT_LISTENING,
        partial_every_ms: int = PARTIAL_EVERY_MS,
    ) -> None:
        self.language = LanguageChoice.of(languages)
        self._timeline = Timeline()
        self._keys = DtmfDetector()
        self._echo = EchoSuppressor()
        self._upsampler = Upsampler()
        self._activity = Activity(activity_model)
        self._listening = Listening(partial_every_ms=partial_every_ms, is_listening=is_listening)
        self._partial_chunk = np.zeros(0, dtype=np.float32)
        self._next_chunk_ms = 0
        self._is_callers: NDArray[np.bool_] | None = None  # of the samples held back; None: all of them are
        self._held_back = 0  # samples of 16 kHz that were fed and have not been heard yet
        self._fed = 0  # samples
        self._skipped_ms = 0  # call time less the time of the samples that were heard

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._listening.speaking

    @property
    def gaps_ms(self) -> int:
        """Audio that never came: silence stands in its place, or the clock was moved on."""
        return self._timeline.gaps_ms

    @property
    def dropped_ms(self) -> int:
        """Audio that came too late, twice, or overlapping, and was left out."""
        return self._timeline.dropped_ms

    def feed(self, payload: bytes, *, start_ms: int) -> list[EarEvent]:
        """Hear mu-law of any length that begins at `start_ms` of the call.

        The first `start_ms` starts the clock. A gap of up to 2 s is heard as silence, and a longer one as 2
        s of it, after which the clock is moved on. What lies before the clock is left out. Differences of
        up to 10 ms are taken for jitter. Events come up to 62 ms after their sound: 30 in the upsampler and
        32 in the chunk.
        """
        events: list[EarEvent] = []
        for item in self._timeline.place(payload, start_ms=start_ms):
            if isinstance(item, Skip):
                self._next_chunk_ms += item.ms
                self._skipped_ms += item.ms
                continue
            for begin in range(0, len(item), PIECE_BYTES):
                events += self._hear(MuLaw(item[begin : begin + PIECE_BYTES]))
        return events

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the result of a DecodeWanted; one that is unknown or no longer wanted changes nothing."""
        events = self._listening.decoded(job_id, transcript)
        self._learn_language(events)
        return events

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the news that a DecodeWanted has no result; an unknown or stale one changes nothing."""
        return self._listening.failed(job_id, reason)

    def end_pause_after(self, pause_ms: int) -> list[EarEvent]:
        """Let the pause of the last Paused end the turn when it is `pause_ms` long; at once if it is already.

        Kept within 300..3000. A pause of which nothing is said ends the turn after 1,000 ms.
        """
        events = self._listening.end_pause_after(pause_ms)
        self._learn_language(events)
        return events

    def line_played(self, payload: MuLaw, *, start_ms: int) -> None:
        """The caller hears this of the line from `start_ms` on: what comes back of it is not the caller."""
        self._echo.line(payload, start_ms=start_ms)

    def line_cut(self, *, at_ms: int) -> None:
        """What was told as played from `at_ms` on is not heard after all."""
        self._echo.cut(at_ms)

    def line_speaks(self, line_id: str | None, text: str = "") -> list[EarEvent]:
        """The line that the caller hears now, None for silence, and its words; a new one is listened over anew."""
        return self._listening.line_speaks(line_id, text)

    def _hear(self, audio: MuLaw) -> list[EarEvent]:
        """Hear the chunks that `audio` completes, and keep the rest."""
        sound = decode_mulaw(audio)
        events = self._hear_keys(sound)
        start_ms = self._fed // MULAW_BYTES_PER_MS + self._skipped_ms
        self._fed += len(sound)
        callers = self._echo.suppress(sound, start_ms=start_ms)
        samples = np.concatenate((self._partial_chunk, self._upsampler.feed(callers.words)))
        count = len(samples) // CHUNK_SAMPLES
        whole, self._partial_chunk = samples[: count * CHUNK_SAMPLES], samples[count * CHUNK_SAMPLES :]
        probabilities = self._activity.feed(
            self._without_echo(Samples16k(whole), callers), expecting_speech=self._listening.attentive
        )
        self._held_back += len(sound) * EAR_HZ // TELEPHONE_HZ - len(whole)
        chunks = whole.reshape(count, CHUNK_SAMPLES)
        for chunk, probability in zip(chunks, probabilities, strict=True):
            begin_ms = self._next_chunk_ms - self._skipped_ms
            is_key = self._keys.covers(begin_ms, begin_ms + CHUNK_MS)
            events += self._listening.hear(
                Samples16k(chunk), probability=0.0 if is_key else probability, start_ms=self._next_chunk_ms
            )
            self._next_chunk_ms += CHUNK_MS
        self._learn_language(events)
        return [self._with_language(event) for event in events]

    def _without_echo(self, whole: Samples16k, callers: Suppressed) -> Samples16k:
        """The upsampled words, silent where the suppressor is not sure that the caller speaks.

        The upsampler holds samples back, so what is known of each is kept until it comes out.
        """
        if callers.activity is callers.words and self._is_callers is None:
            return whole
        before = np.ones(self._held_back, dtype=np.bool_) if self._is_callers is None else self._is_callers
        fresh = np.repeat((callers.activity != 0) | (callers.words == 0), EAR_HZ // TELEPHONE_HZ)
        sure, left = np.split(np.concatenate((before, fresh)), [len(whole)])
        self._is_callers = None if callers.activity is callers.words and left.all() else left
        return whole if sure.all() else Samples16k(whole * sure)

    def _hear_keys(self, sound: Samples8k) -> list[EarEvent]:
        """The keys that became certain; their tones begin no turn."""
        tones, skipped_ms = self._keys.feed(sound), self._skipped_ms
        return [KeyTone(tone.end_ms + skipped_ms, tone.start_ms + skipped_ms, tone.digit) for tone in tones]

    def _with_language(self, event: EarEvent) -> EarEvent:
        """A decoding that is wanted is asked for in the caller's language; only a final finds out about others."""
        if not isinstance(event, DecodeWanted):
            return event
        ask = self.language.ask(speech_ms=event.end_ms - event.start_ms)
        final = event.purpose is DecodePurpose.FINAL
        return replace(event, ask=ask if final else LanguageAsk(ask.language))

    def _learn_language(self, events: Sequence[EarEvent]) -> None:
        """Each utterance tells something about the caller's language."""
        for event in events:
            if isinstance(event, Utterance):
                self.language = self.language.heard(
                    event.transcript.language_probabilities, speech_ms=event.end_ms - event.start_ms
                )
