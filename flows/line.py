"""What the judgement knows of the line it speaks for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LineFacts:
    """The facts of one line, and of who calls it. They are part of the log's first entry.

    `person_available` says whether there is a number to transfer to; `callback_number` is the number that callers
    can ring again, written for reading aloud ("" when the caller should use the number they dialled).
    """

    business: str = "Harbour Appliances"
    language: str = "en"
    person_available: bool = True
    callback_number: str = ""
    emergency_number: str = "911"
    callback_hours: int = 24  # a promised call back happens within so many hours, at least 2
    caller_reachable: bool = True  # whether the caller's number is one that a person could ring
