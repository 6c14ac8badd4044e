"""Words from speech: Whisper by CTranslate2, in windows as short as the speech allows.

`faster_whisper.WhisperModel.transcribe` always encodes 30 s. Here its log-mel is cut to the window, and the
encoder and decoder are called directly: greedy, temperature 0, blanks and non-speech symbols suppressed, no
text of earlier turns. Whisper writes its time stamps, and they are thrown away: without them it said a clean
sentence twice or more in 7 of 25 clips in a window of 8 s, with them in none (the stamp of the end tells the
decoder that the speech is over).
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from audio.errors import ModelMissing, RecognitionFailed
from audio.signal import EAR_HZ, Samples16k
from audio.transcript import Transcript
from audio.windows import (
    DEFAULT_POLICY,
    FULL_WINDOW_MS,
    Decoding,
    Outcome,
    WindowPolicy,
    retry_window_for,
    token_cap,
    verdict,
    window_for,
)

DEFAULT_THREADS: Final = 2

MAX_PROMPT_TOKENS: Final = 100
"""About 70 words of vocabulary. Every token of the prompt costs time in every decoding."""

STAMP_TOKENS: Final = 4
"""Time stamps of two segments, allowed on top of the cap of the text."""

_SAMPLES_PER_MS: Final = EAR_HZ // 1000
_MS_PER_FRAME: Final = 10


@dataclass(frozen=True)
class _Tokens:
    """The ids of Whisper's control tokens in one model."""

    start: int
    transcribe: int
    previous: int
    end: int


class Whisper:
    """A loaded model.

    Any number of threads may call `transcribe` at once: there is no state between calls, and CTranslate2
    queues them for its `workers`. More threads than workers only wait.
    """

    def __init__(
        self,
        model: ctranslate2.models.Whisper,
        tokenizer: tokenizers.Tokenizer,
        *,
        policy: WindowPolicy = DEFAULT_POLICY,
    ) -> None:
        self._model, self._tokenizer, self._policy = model, tokenizer, policy
        self._log_mel = FeatureExtractor(feature_size=model.n_mels)
        self._tokens = _Tokens(
            start=self._id("startoftranscript"),
            transcribe=self._id("transcribe"),
            previous=self._id("startofprev"),
            end=self._id("endoftext"),
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        threads: int = DEFAULT_THREADS,
        workers: int = 1,
        compute_type: str = "int8",
        policy: WindowPolicy = DEFAULT_POLICY,
    ) -> "Whisper":
        """Load the model in `folder` for the CPU: `workers` decodings at once with `threads` threads each.

        Raises ModelMissing when the folder does not hold a model that CTranslate2 can read.
        """
        try:
            model = ctranslate2.models.Whisper(
                str(folder),
                device="cpu",
                compute_type=compute_type,
                intra_threads=threads,
                inter_threads=workers,
            )
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            # CTranslate2 raises RuntimeError or ValueError, and tokenizers raises Exception itself.
            raise ModelMissing(str(folder), tried=f"it cannot be loaded: {error}") from error
        return cls(model, tokenizer, policy=policy)

    def transcribe(
        self, samples: Samples16k, *, language: str | None = "en", prompt: str = "", beam: int = 1
    ) -> Transcript:
        """The words in up to 30 s of speech.

        `language` None means: find out, from the same encoding. `prompt` is vocabulary that is likely to be
        said: names, products. When a guard of `audio.windows` sees a loop, the speech is decoded again in
        longer windows, twice at most. `confidence` is 0 where there are no words. `cpu_ms` is the time that
        this took on the clock, with all threads of the model at work. Raises RecognitionFailed when the audio
        is empty, too long or not finite, and for a language that the model does not know.
        """
        began = time.perf_counter()
        speech_ms = self._checked_ms(samples)
        window_ms = window_for(speech_ms, policy=self._policy)
        encoded = self._encode(samples, window_ms=window_ms)
        language = self._detect(encoded) if language is None else language
        prompt_ids = self._prompt(language, vocabulary=prompt)
        cap = token_cap(speech_ms)
        decoding = self._decode(encoded, prompt_ids, cap=cap, window_ms=window_ms, beam=beam)
        judged, retries = verdict(decoding), 0
        while judged.outcome is Outcome.RETRY and (
            longer_ms := retry_window_for(decoding.window_ms, policy=self._policy)
        ):
            retries += 1
            encoded = self._encode(samples, window_ms=longer_ms)
            decoding = self._decode(encoded, prompt_ids, cap=cap, window_ms=longer_ms, beam=beam)
            judged = verdict(decoding)
        accepted = judged.outcome is Outcome.ACCEPT
        return Transcript(
            text=decoding.text if accepted else "",
            language=language,
            confidence=min(1.0, math.exp(decoding.mean_logprob)) if accepted else 0.0,
            no_speech=decoding.no_speech,
            window_ms=decoding.window_ms,
            cpu_ms=round((time.perf_counter() - began) * 1000),
            retries=retries,
        )

    def _checked_ms(self, samples: Samples16k) -> int:
        """The length in ms, rounded up. Raises RecognitionFailed for audio that cannot be decoded."""
        speech_ms = -(-len(samples) // _SAMPLES_PER_MS)
        if speech_ms == 0:
            raise RecognitionFailed("there is no audio to decode")
        if speech_ms > FULL_WINDOW_MS:
            raise RecognitionFailed(f"{speech_ms / 1000:.1f} s of audio are more than the 30 s of a window")
        if not np.isfinite(samples).all():
            raise RecognitionFailed("the audio has samples that are not numbers")
        return speech_ms

    def _encode(self, samples: Samples16k, *, window_ms: int) -> ctranslate2.StorageView:
        """The encoder's output for the log-mel of the samples and silence after them."""
        missing = window_ms * _SAMPLES_PER_MS - len(samples)
        log_mel: NDArray[np.float32] = self._log_mel(np.pad(samples, (0, missing)), padding=0)
        batch = np.ascontiguousarray(log_mel[np.newaxis, :, : window_ms // _MS_PER_FRAME], dtype=np.float32)
        return self._model.encode(ctranslate2.StorageView.from_array(batch))

    def _detect(self, encoded: ctranslate2.StorageView) -> str:
        """The most probable language of the encoding; English when the model knows no other."""
        if not self._model.is_multilingual:
            return "en"
        token, _probability = self._model.detect_language(encoded)[0][0]
        return str(token).strip("<|>")

    def _prompt(self, language: str, *, vocabulary: str) -> list[int]:
        """The tokens before the first one to be found. Raises RecognitionFailed for an unknown language."""
        prompt: list[int] = []
        if vocabulary.strip():
            ids = self._tokenizer.encode(f" {vocabulary.strip()}", add_special_tokens=False).ids
            prompt += [self._tokens.previous, *ids[:MAX_PROMPT_TOKENS]]
        prompt.append(self._tokens.start)
        if self._model.is_multilingual:
            prompt += [self._id(language), self._tokens.transcribe]
        elif language != "en":
            raise RecognitionFailed(f"this model knows English alone, not {language!r}")
        return prompt

    def _decode(
        self,
        encoded: ctranslate2.StorageView,
        prompt: list[int],
        *,
        cap: int,
        window_ms: int,
        beam: int,
    ) -> Decoding:
        """One decoding of at most `cap` tokens of text.

        CTranslate2 stops after `min(max_length / 2, max_length - len(prompt))` tokens.
        """
        most = cap + STAMP_TOKENS
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=beam,
            max_length=max(2 * most, len(prompt) + most),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        ids = result.sequences_ids[0]
        words = [token for token in ids if token < self._tokens.end]
        # The score is a mean over the tokens without the end of text; Whisper's mean counts it.
        mean_logprob = result.scores[0] * len(ids) / (len(ids) + 1)
        return Decoding(
            text=self._tokenizer.decode(words).strip(),
            capped=len(ids) >= most,
            mean_logprob=mean_logprob,
            no_speech=result.no_speech_prob,
            window_ms=window_ms,
        )

    def _id(self, name: str) -> int:
        """The id of a control token; raises RecognitionFailed when the model has none of that name."""
        token = self._tokenizer.token_to_id(f"<|{name}|>")
        if token is None:
            raise RecognitionFailed(f"the model has no token for {name!r}")
        return int(token)
