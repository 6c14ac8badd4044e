"""Recordings of any length: cut at pauses, decoded piece by piece."""

from dataclasses import dataclass
from typing import Final

from audio.activity import Activity, ActivityModel
from audio.endpointing import CHUNK_MS
from audio.signal import EAR_HZ, Samples16k
from audio.transcriber import Recogniser
from audio.transcript import Transcript

MAX_PIECE_MS: Final = 28_000
"""What fits the full window with its margin of silence."""

SPEECH_FROM: Final = 0.5
"""The probability that counts as speech: Silero's own default."""

MIN_PAUSE_MS: Final = 480
"""A silence as long as this ends a piece; shorter ones stand within a sentence."""

PADDING_MS: Final = 192
"""Kept before and after the speech, because weak consonants begin and end words."""

_SAMPLES_PER_MS: Final = EAR_HZ // 1000


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, in ms from its beginning."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Segment:
    """The words of one piece of a recording."""

    start_ms: int
    end_ms: int
    transcript: Transcript


def pieces(probabilities: list[float], *, length_ms: int, max_ms: int = MAX_PIECE_MS) -> list[Piece]:
    """The pieces with speech, in order and apart from each other, none longer than `max_ms`. Pure.

    `probabilities` has one value for every 32 ms of the `length_ms`. A run of speech that is too long is cut
    in its second half, where speech is least probable.
    """
    pause = MIN_PAUSE_MS // CHUNK_MS
    longest = (max_ms - 2 * PADDING_MS) // CHUNK_MS
    runs: list[tuple[int, int]] = []  # in chunks, the end not included
    for n, probability in enumerate(probabilities):
        if probability < SPEECH_FROM:
            continue
        if runs and n - runs[-1][1] < pause:
            runs[-1] = (runs[-1][0], n + 1)
        else:
            runs.append((n, n + 1))
    cut = [part for run in runs for part in _cut(run, probabilities, longest=longest)]
    found: list[Piece] = []
    for begin, end in cut:
        free_ms = found[-1].end_ms if found else 0
        start_ms = max(free_ms, begin * CHUNK_MS - PADDING_MS)
        following = next((other for other, _end in cut if other >= end), len(probabilities))
        latest_ms = min(length_ms, (end + following) * CHUNK_MS // 2)
        found.append(Piece(start_ms, max(end * CHUNK_MS, min(end * CHUNK_MS + PADDING_MS, latest_ms))))
    return [Piece(piece.start_ms, min(piece.end_ms, length_ms)) for piece in found]


def transcribe_long(
    recogniser: Recogniser,
    activity_model: ActivityModel,
    samples: Samples16k,
    *,
    language: str | None = "en",
    prompt: str = "",
) -> list[Segment]:
    """The words of a recording with their times; pieces without words are left out.

    With `language` None the language of the first piece is found out and used for the rest. Raises
    RecognitionFailed.
    """
    probabilities = Activity(activity_model).feed(samples)
    segments: list[Segment] = []
    for piece in pieces(probabilities, length_ms=len(samples) // _SAMPLES_PER_MS):
        part = samples[piece.start_ms * _SAMPLES_PER_MS : piece.end_ms * _SAMPLES_PER_MS]
        transcript = recogniser.transcribe(Samples16k(part), language=language, prompt=prompt)
        if transcript.text:
            language = transcript.language
            segments.append(Segment(piece.start_ms, piece.end_ms, transcript))
    return segments


def _cut(run: tuple[int, int], probabilities: list[float], *, longest: int) -> list[tuple[int, int]]:
    """The run of chunks in parts of at most `longest`, each cut at the least probable chunk of its second half."""
    begin, end = run
    parts = []
    while end - begin > longest:
        second_half = range(begin + longest // 2, begin + longest)
        at = min(second_half, key=probabilities.__getitem__) + 1
        parts.append((begin, at))
        begin = at
    return [*parts, (begin, end)]
