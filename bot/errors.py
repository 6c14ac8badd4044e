"""The errors of the line.

CalmlineError
+-- BotError
    +-- BadSetting          an environment variable with a value that cannot be used
    +-- BadLineConfig       a line's configuration file with a fault in it
    +-- StoreFailed         the database could not be read or written
    +-- UnknownCall         a call that the store does not have
    +-- CarrierRefused      Twilio's API said no
    |   +-- NumberNotFound  the Twilio account does not own the number
    +-- CarrierUnreachable  Twilio's API did not answer
    +-- BadToken            a stream token that does not open a stream
    +-- PortBusy            another program has the port
    +-- BadMessage          a message of the carrier that cannot be used
    +-- BadFault            a fault for the simulator that cannot be had
    +-- PhoneFailed         the simulated phone could not go on with its call
"""

from calmline import CalmlineError


class BotError(CalmlineError):
    """Something went wrong on the line."""


class BadSetting(BotError):
    """An environment variable with a value that cannot be used."""

    def __init__(self, variable: str, value: str, problem: str) -> None:
        self.variable, self.value, self.problem = variable, value, problem

    def __str__(self) -> str:
        given = f"{self.variable}={self.value!r}"
        return f"{given} cannot be used: {self.problem}. Set it right, or unset it for the default."


class BadLineConfig(BotError):
    """A line's configuration file with a fault in it. `line` is counted from 1; 0 means the whole file."""

    def __init__(self, path: str, line: int, problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.problem}"


class StoreFailed(BotError):
    """The database could not be read or written."""

    def __init__(self, doing: str, reason: str) -> None:
        self.doing, self.reason = doing, reason

    def __str__(self) -> str:
        return f"the store failed while {self.doing}: {self.reason}. Check DATABASE_URL and the room on its disk."


class UnknownCall(BotError):
    """A call that the store does not have."""

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id

    def __str__(self) -> str:
        return f"there is no call {self.call_id!r}. `calmline calls` lists the ones there are."


class CarrierRefused(BotError):
    """Twilio's API said no."""

    def __init__(self, doing: str, reason: str) -> None:
        self.doing, self.reason = doing, reason

    def __str__(self) -> str:
        return f"Twilio refused {self.doing}: {self.reason}. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."


class NumberNotFound(CarrierRefused):
    """The Twilio account does not own the number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"the number {number}", "this account does not own it")
        self.number = number

    def __str__(self) -> str:
        return (
            f"the Twilio account has no number {self.number}. Write it as in the Twilio console, with + and "
            "the country code, or buy it there first."
        )


class CarrierUnreachable(BotError):
    """Twilio's API did not answer."""

    def __init__(self, doing: str, reason: str) -> None:
        self.doing, self.reason = doing, reason

    def __str__(self) -> str:
        return (
            f"Twilio could not be reached for {self.doing}: {self.reason}. Check the network and "
            "TWILIO_API_BASE_URL, then try again."
        )


class BadToken(BotError):
    """A stream token that does not open a stream. `reason` is one word, fit for a metric's label."""

    def __init__(self, call_id: str, reason: str) -> None:
        self.call_id, self.reason = call_id, reason

    def __str__(self) -> str:
        return (
            f"the stream of call {self.call_id!r} was refused: its token is {self.reason}. The carrier asks "
            "for a new one at /voice/after."
        )


class PortBusy(BotError):
    """Another program has the port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __str__(self) -> str:
        return f"port {self.port} is in use by another program. Stop it, or set PORT to a free one."


class BadMessage(BotError):
    """A message of the carrier that cannot be used. `reason` is one of `bot.carrier.messages.Reason`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return f"a message of the carrier is bad ({self.reason}): {self.detail}. It is counted and dropped."


class BadFault(BotError):
    """A fault for the simulator that cannot be had."""

    def __init__(self, fault: str, value: object, problem: str) -> None:
        self.fault, self.value, self.problem = fault, value, problem

    def __str__(self) -> str:
        return f"the fault {self.fault}={self.value!r} cannot be simulated: {self.problem}."


class PhoneFailed(BotError):
    """The simulated phone could not go on with its call."""

    def __init__(self, doing: str, reason: str) -> None:
        self.doing, self.reason = doing, reason

    def __str__(self) -> str:
        return (
            f"the phone failed while {self.doing}: {self.reason}. Check that the line runs at this address."
        )
