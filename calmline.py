"""Calmline: the telephone line that stays calm. This module holds what all three rooms share."""

__version__ = "0.1.0"


class CalmlineError(Exception):
    """The root of every error that Calmline raises on purpose.

    A subclass takes data and makes a sentence of it: what happened, and what to do next. Catch this
    class where a person reads the message (the command line, a web page); anything else is a defect.
    """
