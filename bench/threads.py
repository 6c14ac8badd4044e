"""How many threads a decoding should have: alone on the machine, and beside processes that want its cores too.

python -m bench.threads [--busy 2] [--repeat 9]
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audio.models import fetch_model
from audio.mulaw import decode_mulaw
from audio.resample import resample
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples16k
from audio.voice.piper import PiperVoice
from audio.whisper import Whisper

SENTENCE = "I have been waiting for forty minutes, and I have been passed around three times by now."
BURN = "while True: pass"


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that each want a core, until the block ends."""
    others = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def decode_ms(whisper: Whisper, samples: Samples16k, repeat: int) -> list[float]:
    """How long each of `repeat` decodings of the same speech took, in ms."""
    took = []
    for _ in range(repeat):
        began_s = time.perf_counter()
        whisper.transcribe(samples, language="en")
        took.append((time.perf_counter() - began_s) * 1000)
    return took


def main() -> None:
    """Print a table: threads, processes beside, median and longest decoding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, default=2, help="processes that want a core beside (default 2)")
    parser.add_argument("--repeat", type=int, default=9, help="decodings a row (default 9)")
    options = parser.parse_args()
    folder = fetch_model("auto", cache=Path("var/models"), report=print)
    speech = decode_mulaw(PiperVoice().render(SENTENCE))
    samples = Samples16k(resample(speech, orig_hz=TELEPHONE_HZ, target_hz=EAR_HZ))
    print(f"{len(samples) / EAR_HZ:.1f} s of speech")
    print(f"{'threads':>8} {'beside':>8} {'median ms':>10} {'longest ms':>11}")
    for threads in (1, 2):
        whisper = Whisper.load(folder, threads=threads)
        whisper.transcribe(samples, language="en")
        for beside in (0, options.busy):
            with busy(beside):
                took = decode_ms(whisper, samples, options.repeat)
            print(f"{threads:>8} {beside:>8} {statistics.median(took):>10.0f} {max(took):>11.0f}")


if __name__ == "__main__":
    main()
