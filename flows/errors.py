"""The errors of the judgement.

CalmlineError
+-- FlowsError
    +-- UnknownLanguage     a language that has no folder under flows/languages
    +-- BadLanguageData     a language's data file with a fault in it
    +-- BadLogEntry         an entry of a call's log that cannot be read back
"""

from calmline import CalmlineError


class FlowsError(CalmlineError):
    """Something went wrong in the judgement."""


class UnknownLanguage(FlowsError):
    """A language that has no folder under flows/languages."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __str__(self) -> str:
        return (
            f"there is no language {self.language!r} on this line. "
            "Choose one that has a folder under flows/languages, or add the folder."
        )


class BadLanguageData(FlowsError):
    """A language's data file with a fault in it. `line` is counted from 1; 0 means the whole file."""

    def __init__(self, path: str, line: int, problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.problem}. Mend the file and start again."


class BadLogEntry(FlowsError):
    """An entry of a call's log that cannot be read back."""

    def __init__(self, problem: str) -> None:
        self.problem = problem

    def __str__(self) -> str:
        return f"this entry of the log cannot be read back: {self.problem}. Replay it with the version that wrote it."
