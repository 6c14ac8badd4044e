"""The answers of the server's webhooks, read: the verbs of TwiML that the line uses, in their order.

Source: https://www.twilio.com/docs/voice/twiml. A document with anything else in it is refused, so a verb that Twilio
would skip with a warning is noticed in a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from bot.errors import PhoneFailed

MAX_TWIML_BYTES = 64 * 1024
MAX_VERBS = 100


@dataclass(frozen=True)
class Say:
    """The carrier's own voice speaks."""

    text: str


@dataclass(frozen=True)
class Play:
    """The carrier plays a file."""

    url: str


@dataclass(frozen=True)
class Pause:
    """Nothing is heard for a while."""

    length_s: int


@dataclass(frozen=True)
class Gather:
    """The carrier asks for keys. With none, the next verb runs, unless `action_on_empty`."""

    action: str
    said: tuple[str, ...]
    action_on_empty: bool


@dataclass(frozen=True)
class Dial:
    """The carrier calls somebody and connects the caller. `whisper` is what the callee is told first."""

    number: str
    action: str
    whisper: str


@dataclass(frozen=True)
class Stream:
    """The carrier connects the call to the server's socket until one of them closes it."""

    url: str
    parameters: Mapping[str, str]
    action: str


@dataclass(frozen=True)
class Redirect:
    """The document goes on elsewhere."""

    url: str


@dataclass(frozen=True)
class Hangup:
    """The call ends."""


Verb = Say | Play | Pause | Gather | Dial | Stream | Redirect | Hangup


def read_twiml(document: bytes) -> tuple[Verb, ...]:
    """The verbs of a TwiML document. Raises PhoneFailed when it is none, too long, or holds an unknown verb."""
    if len(document) > MAX_TWIML_BYTES:
        raise PhoneFailed("reading TwiML", f"it is longer than {MAX_TWIML_BYTES} bytes")
    if b"<!" in document:  # entities, with which a short document becomes a long one, need a declaration
        raise PhoneFailed("reading TwiML", "it holds a declaration or a comment")
    try:
        response = ElementTree.fromstring(document)  # noqa: S314 - bounded above, and without declarations
    except ElementTree.ParseError as error:
        raise PhoneFailed("reading TwiML", f"it is not XML ({error})") from None
    if response.tag != "Response":
        raise PhoneFailed("reading TwiML", f"its root is <{response.tag[:40]}>, not <Response>")
    if len(response) > MAX_VERBS:
        raise PhoneFailed("reading TwiML", f"it holds {len(response)} verbs")
    return tuple(_verb(element) for element in response)


def _verb(element: ElementTree.Element) -> Verb:
    read = _READERS.get(element.tag)
    if read is None:
        raise PhoneFailed("reading TwiML", f"<{element.tag[:40]}> is not a verb that the line uses")
    return read(element)


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


def _pause(element: ElementTree.Element) -> Pause:
    length = element.get("length", "1")
    if not length.isdecimal():
        raise PhoneFailed("reading TwiML", f"<Pause> has the length {length[:20]!r}")
    return Pause(int(length))


def _gather(element: ElementTree.Element) -> Gather:
    return Gather(
        action=element.get("action", ""),
        said=tuple(_text(said) for said in element.iter("Say")),
        action_on_empty=element.get("actionOnEmptyResult") == "true",
    )


def _dial(element: ElementTree.Element) -> Dial:
    number = element.find("Number")
    return Dial(
        number=_text(element) if number is None else _text(number),
        action=element.get("action", ""),
        whisper="" if number is None else number.get("url", ""),
    )


def _connect(element: ElementTree.Element) -> Stream:
    stream = element.find("Stream")
    if stream is None or not stream.get("url"):
        raise PhoneFailed("reading TwiML", "<Connect> holds no <Stream> with a url")
    if "?" in stream.get("url", ""):
        raise PhoneFailed("reading TwiML", "the url of <Stream> has a query, which Twilio does not allow")
    parameters = {item.get("name", ""): item.get("value", "") for item in stream.iter("Parameter")}
    for name, value in parameters.items():
        if not name or len(name) + len(value) >= 500:
            raise PhoneFailed("reading TwiML", f"the <Parameter> {name[:40]!r} has no name or 500 characters")
    return Stream(stream.get("url", ""), parameters, element.get("action", ""))


_READERS: Mapping[str, Callable[[ElementTree.Element], Verb]] = {
    "Say": lambda element: Say(_text(element)),
    "Play": lambda element: Play(_text(element)),
    "Pause": _pause,
    "Gather": _gather,
    "Dial": _dial,
    "Connect": _connect,
    "Redirect": lambda element: Redirect(_text(element)),
    "Hangup": lambda element: Hangup(),  # noqa: ARG005 - one reader for every verb
}
