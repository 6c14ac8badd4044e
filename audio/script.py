"""The script that a line writes Mandarin in.

Whisper writes Mandarin in simplified or in traditional characters, as it pleases, sometimes both in one call.
What it wrote is converted with OpenCC's dictionaries of phrases, because a simplified character can stand for
several traditional ones (发 is 發 in 發展 and 髮 in 頭髮). Only characters change: words stay what was said.
"""

from functools import cache
from typing import Final

import opencc

_CONVERSION: Final = {
    "hans": "t2s",
    "hant": "s2tw",
    "cn": "t2s",
    "sg": "t2s",
    "my": "t2s",
    "tw": "s2tw",
    "hk": "s2hk",
    "mo": "s2hk",
}
"""OpenCC's configuration by script or region. `hant` alone is written as in Taiwan: 麵 and 裡, not 麪 and 裏."""

_CHINESE: Final = frozenset({"zh", "cmn", "yue"})


def to_script(text: str, *, tag: str) -> str:
    """`text` in the script that a language tag asks for: zh-Hans, zh-Hant, zh-TW, zh-HK, zh-Hant-HK.

    A region goes before a script. The text comes back unchanged for a tag without either (zh) and for other
    languages. May be called from any thread.
    """
    conversion = _conversion(tag)
    return text if conversion is None else str(_converter(conversion).convert(text))


def _conversion(tag: str) -> str | None:
    """The name of OpenCC's configuration for a tag, or None."""
    primary, *rest = tag.replace("_", "-").lower().split("-")
    if primary not in _CHINESE:
        return None
    return next((_CONVERSION[subtag] for subtag in reversed(rest) if subtag in _CONVERSION), None)


@cache
def _converter(conversion: str) -> opencc.OpenCC:
    """One converter for each direction; reading its dictionaries takes some 30 ms."""
    return opencc.OpenCC(conversion)
