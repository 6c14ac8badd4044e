"""What an utterance means: abuse, feelings, requests, slots, each with its evidence."""

from flows.meaning.model import Evidence, Meaning, Wish, YesNo
from flows.meaning.understand import understand

__all__ = ["Evidence", "Meaning", "Wish", "YesNo", "understand"]
