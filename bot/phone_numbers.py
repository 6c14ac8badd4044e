"""Telephone numbers: which can be called back, how they are logged, how they are read aloud."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

# What Twilio puts in `From` when the caller's number is withheld: these words on a telephone keypad.
_WITHHELD = frozenset(
    "+" + "".join(str("22233344455566677778889999"[ord(letter) - ord("A")]) for letter in word)
    for word in ("ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE")
)


def is_number(text: str) -> bool:
    """Whether `text` is a number in the international form of E.164: + and 7 to 15 digits."""
    return _E164.fullmatch(text) is not None


def can_be_called(text: str) -> bool:
    """Whether a person could ring this caller: a real number, not withheld, not a SIP or app address."""
    return is_number(text) and text not in _WITHHELD


def masked(text: str) -> str:
    """A number for the application's log: enough to tell two callers apart, too little to ring one."""
    return f"{text[:2]}…{text[-2:]}" if len(text) >= 7 else "…"


def read_aloud(number: str) -> str:
    """An E.164 number as single digits in groups, so that no voice reads it as millions.

    North American numbers lose the country code, as their callers would say them. Anything that is not
    an E.164 number is handed back unchanged.
    """
    if not is_number(number):
        return number
    digits = number[1:]
    if digits.startswith("1") and len(digits) == 11:
        groups = [digits[1:4], digits[4:7], digits[7:]]
    else:
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(" ".join(group) for group in groups)
