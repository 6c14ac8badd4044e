"""Words from speech: Whisper by CTranslate2, in windows as short as the speech allows.

`faster_whisper.WhisperModel.transcribe` always encodes 30 s. Here its log-mel is cut to the window, and the
encoder and decoder are called directly: greedy, temperature 0, blanks and non-speech symbols suppressed, no
text of earlier turns. Whisper writes its time stamps, and they are thrown away: without them it said a clean
sentence twice or more in 7 of 25 clips in a window of 8 s, with them in none (the stamp of the end tells the
decoder that the speech is over).
"""

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from audio.errors import ModelMissing, RecognitionFailed
from audio.language import Probabilities, among, decoded_in, whisper_language
from audio.script import to_script
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

GLANCE_MS: Final = 3_000
GLANCE_MARGIN_MS: Final = 500
GLANCE_TOKENS: Final = 8
"""What a glance is given: as good as 8 s for the first words of an interruption (`bench.barge_in`)."""

STAMP_TOKENS: Final = 4
"""Time stamps of two segments, allowed on top of the cap of the text."""

_MOST_PROBABLE: Final = 5
"""How many languages a transcript tells of when none were named."""

_SAMPLES_PER_MS: Final = EAR_HZ // 1000
_MS_PER_FRAME: Final = 10
_HOP: Final = EAR_HZ // 100
_OVERLAP_FRAMES: Final = 3
"""Frames after the last sample that still see it: a frame is 25 ms long and its middle is every 10 ms."""


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
        device: str = "cpu",
        policy: WindowPolicy = DEFAULT_POLICY,
    ) -> "Whisper":
        """Load the model in `folder`: `workers` decodings at once, on the CPU with `threads` threads each.

        `device` and `compute_type` are CTranslate2's; `audio.model_choice` knows which suit a machine.

        Raises ModelMissing when the folder does not hold a model that CTranslate2 can read.
        """
        try:
            model = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=compute_type,
                intra_threads=threads,
                inter_threads=workers,
            )
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            # CTranslate2 raises RuntimeError or ValueError, and tokenizers raises Exception itself.
            raise ModelMissing(str(folder), tried=f"it cannot be loaded: {error}") from error
        return cls(model, tokenizer, policy=policy)

    def with_policy(self, policy: WindowPolicy) -> "Whisper":
        """The same model, loaded once, with other windows."""
        return Whisper(self._model, self._tokenizer, policy=policy)

    def transcribe(
        self,
        samples: Samples16k,
        *,
        language: str | None = "en",
        languages: tuple[str, ...] = (),
        switch_above: float = 0.0,
        prompt: str = "",
        beam: int = 1,
    ) -> Transcript:
        """The words in up to 30 s of speech.

        Languages are BCP 47 tags; Mandarin is written in the script of its tag. With more than one in
        `languages`, the same encoding also tells how probable each of them is (one step of the decoder), and
        the words are decoded in the most probable one when that reaches `switch_above`, else in `language`.
        `language` None means the most probable one in any case, of `languages` or of all that Whisper knows.

        `prompt` is vocabulary that is likely to be said: names, products. When a guard of `audio.windows` sees
        a loop, the speech is decoded again in longer windows, twice at most. `confidence` is 0 where there are
        no words. `cpu_ms` is the time that this took on the clock, with all threads of the model at work.
        Raises RecognitionFailed when the audio is empty, too long or not finite, and for a language that the
        model does not know.
        """
        began = time.perf_counter()
        speech_ms = self._checked_ms(samples)
        window_ms = window_for(speech_ms, policy=self._policy)
        encoded = self._encode(samples, window_ms=window_ms)
        rated = self._rated(encoded, languages) if language is None or len(languages) > 1 else ()
        tag = decoded_in(rated, language=language, switch_above=switch_above)
        prompt_ids = self._prompt(whisper_language(tag), vocabulary=prompt)
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
            text=to_script(decoding.text, tag=tag) if accepted else "",
            language=tag,
            confidence=min(1.0, math.exp(decoding.mean_logprob)) if accepted else 0.0,
            no_speech=decoding.no_speech,
            window_ms=decoding.window_ms,
            cpu_ms=round((time.perf_counter() - began) * 1000),
            retries=retries,
            language_probability=dict(rated).get(tag, 1.0),
            language_probabilities=rated,
        )

    def glance(self, samples: Samples16k, *, language: str = "en") -> Transcript:
        """The first words in the newest audio, decoded once in a window of GLANCE_MS and eight tokens at most.

        A quarter of the cost of `transcribe`, and good enough to tell words from a cough. `text` is empty when a guard
        of `audio.windows` doubts them; loops are not decoded again. Raises RecognitionFailed.
        """
        began = time.perf_counter()
        newest = Samples16k(samples[-(GLANCE_MS - GLANCE_MARGIN_MS) * _SAMPLES_PER_MS :])
        self._checked_ms(newest)
        prompt = self._prompt(whisper_language(language), vocabulary="")
        encoded = self._encode(newest, window_ms=GLANCE_MS)
        decoding = self._decode(encoded, prompt, cap=GLANCE_TOKENS, window_ms=GLANCE_MS, beam=1)
        # What the cap stopped is no loop here, and there is no longer window to try.
        accepted = (
            verdict(replace(decoding, capped=False, window_ms=FULL_WINDOW_MS)).outcome is Outcome.ACCEPT
        )
        return Transcript(
            text=to_script(decoding.text, tag=language) if accepted else "",
            language=language,
            confidence=min(1.0, math.exp(decoding.mean_logprob)) if accepted else 0.0,
            no_speech=decoding.no_speech,
            window_ms=GLANCE_MS,
            cpu_ms=round((time.perf_counter() - began) * 1000),
            retries=0,
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
        batch = self.features(samples, window_ms=window_ms)[np.newaxis]
        return self._model.encode(ctranslate2.StorageView.from_array(batch))

    def features(self, samples: Samples16k, *, window_ms: int) -> NDArray[np.float32]:
        """The log-mel of a window [n_mels, window_ms / 10]: that of the samples, then that of silence.

        Silence has one value, the floor of the log-mel, and is not worth a Fourier transform: the floor is the
        loudest value less 8 on the scale of log10, at least -10, and Whisper's scale is (log10 + 4) / 4.
        """
        sounding = min(-(-len(samples) // _HOP) + _OVERLAP_FRAMES, window_ms // _MS_PER_FRAME)
        heard = np.pad(samples, (0, max(0, sounding * _HOP - len(samples))))
        log_mel: NDArray[np.float32] = self._log_mel(heard, padding=0)[:, :sounding]
        floor = max(-1.5, float(log_mel.max()) - 2.0)
        silent = window_ms // _MS_PER_FRAME - sounding
        return np.pad(log_mel, ((0, 0), (0, silent)), constant_values=floor).astype(np.float32, copy=False)

    def _rated(self, encoded: ctranslate2.StorageView, tags: tuple[str, ...]) -> Probabilities:
        """How probable each of the tags is; without tags, the most probable languages that Whisper knows.

        A model of English alone finds English.
        """
        if not self._model.is_multilingual:
            return among([("en", 1.0)], tags or ("en",))
        found = [
            (str(token).strip("<|>"), probability)
            for token, probability in self._model.detect_language(encoded)[0]
        ]
        return among(found, tags or [name for name, _ in found[:_MOST_PROBABLE]])

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
