"""What the caller names: himself, a telephone number, an order number, the matter at hand."""

import re

from flows.meaning.rules import Language
from flows.meaning.scoring import Hit, Span, find_pattern
from flows.meaning.tokens import BREAK, COMMA, Token, Utterance

# ITU-T E.164 allows 15 digits; fewer than 7 are a house number, a price or a year.
_PHONE_DIGITS = range(7, 16)
_ORDER_DIGITS = range(3, 21)
_CUE_WORDS = 6
_NAME_WORDS = 3
_ORDER_CUES = frozenset(
    {"order", "booking", "reservation", "confirmation", "tracking", "purchase", "invoice"}
)
_OTHER_CUES = frozenset(
    {"account", "card", "model", "serial", "customer", "reference", "policy", "pin", "code"}
)
_ALPHANUMERIC = re.compile(r"(?=.*\d)[a-z]{0,4}\d[\da-z]{2,15}")


def find_names(
    hits: tuple[Hit, ...], utterance: Utterance, language: Language, *, expecting: str
) -> list[Span]:
    """Where names stand: after "my name is", after "this is" with a title or "speaking", or alone when asked for."""
    found = []
    for hit in sorted((h for h in hits if h.label == "name"), key=lambda h: (-h.weight, h.span.first)):
        certain = hit.weight == 1.0 or expecting == "name"
        span = _name_from(hit.span.last, utterance, language, certain=certain)
        if span:
            found.append(span)
    found += _titled(utterance, language)
    if not found and expecting == "name" and len(utterance.words()) <= _NAME_WORDS + 2:
        span = _name_from(_after_sounds(utterance, language), utterance, language, certain=True)
        rude = {*language.lists["insult"], *language.lists["slur"], *language.lists["rude_adj"]}
        if span and not any(token.word in rude for token in utterance.tokens[span.first : span.last]):
            found.append(span)
    return found


def _after_sounds(utterance: Utterance, language: Language) -> int:
    """The first token that is more than a sound: "mm, Ann Jones" gives a name, "mhm" gives none."""
    sounds = {*language.lists["not_name_sound"], COMMA, BREAK}
    return next(
        (at for at, token in enumerate(utterance.tokens) if token.word not in sounds),
        len(utterance.tokens),
    )


def find_slots(
    utterance: Utterance, language: Language, *, names: list[Span], introduced: bool, intent: str
) -> dict[str, str]:
    """The slots `name`, `phone_number`, `order_number` and `issue`, each only when found.

    `introduced` says that the first of `names` is the caller's own, not somebody mentioned.
    """
    slots: dict[str, str] = {}
    if names and introduced:
        slots["name"] = _written(utterance.slice(names[0].first, names[0].last))
    for digits, kind in _numbers(utterance, language):
        slots.setdefault(kind, digits)
    issue = _issue(utterance, language, intent)
    if issue:
        slots["issue"] = issue
    return slots


def _name_from(first: int, utterance: Utterance, language: Language, *, certain: bool) -> Span | None:
    """The name that begins at a token, or None when what stands there is no name."""
    ends, never = set(language.lists["name_end"]), set(language.lists["not_a_name"])
    titles = set(language.lists["spoken_title"])
    last = first
    while last < len(utterance.tokens) and last - first < _NAME_WORDS + 1:
        token = utterance.tokens[last]
        if token.word in (BREAK, COMMA) or token.word in ends or not token.word.replace("'", "").isalpha():
            break
        if token.word in never and last == first:
            return None
        last += 1
    if last == first or last - first > _NAME_WORDS + 1:
        return None
    titled = utterance.tokens[first].word in titles
    if titled and last - first == 1:
        return None
    if certain or titled:
        return Span(first, min(last, first + _NAME_WORDS + int(titled)))
    capital = all(utterance.text[token.start].isupper() for token in utterance.tokens[first:last])
    follows = utterance.tokens[last].word if last < len(utterance.tokens) else BREAK
    known = all(token.word in language.spelling.known for token in utterance.tokens[first:last])
    spoken = follows in ("speaking", "here", "calling", "from")
    return Span(first, last) if spoken or (capital and not known) else None


def _titled(utterance: Utterance, language: Language) -> list[Span]:
    """Names after "Mr" and the like, whoever they belong to: a surname is no insult.

    A title that is also a common word ("I miss you") needs a name with a capital after it.
    """
    titles, common = set(language.lists["spoken_title"]), set(language.lists["title_also_word"])
    return [
        Span(at, at + 2)
        for at, token in enumerate(utterance.tokens[:-1])
        if token.word in titles
        and utterance.tokens[at + 1].word.isalpha()
        and (token.word not in common or utterance.text[utterance.tokens[at + 1].start].isupper())
    ]


def _written(name: str) -> str:
    """A name as it is written: as recognised, or with capitals when it came in small letters or in capitals only."""
    plain = " ".join(name.split())
    return plain.title() if plain.islower() or plain.isupper() else plain


def _numbers(utterance: Utterance, language: Language) -> list[tuple[str, str]]:
    """Runs of spoken or written digits with the slot that the words before them point to."""
    found = []
    at = 0
    while at < len(utterance.tokens):
        digits, after = _digits_from(at, utterance.tokens, language)
        if digits:
            kind = _kind(digits, utterance.tokens[max(0, at - _CUE_WORDS) : at])
            if kind:
                found.append((digits, kind))
        at = max(after, at + 1)
    return found


def _kind(digits: str, before: tuple[Token, ...]) -> str:
    """The slot of a number: by the nearest word before it, or else by its length."""
    count = sum(sign.isdigit() for sign in digits)
    for token in reversed(before):
        if token.word in _ORDER_CUES:
            return "order_number" if count in _ORDER_DIGITS else ""
        if token.word in _OTHER_CUES:
            return ""
    return "phone_number" if digits.lstrip("+").isdigit() and count in _PHONE_DIGITS else ""


def _digits_from(first: int, tokens: tuple[Token, ...], language: Language) -> tuple[str, int]:
    """The digits spoken from a token on, "double five" and "twenty five" included, and the token after them."""
    digits, at, tens = "", first, False
    while at < len(tokens):
        word = tokens[at].word
        times = language.repeats.get(word, 0)
        value = _value(tokens[at + 1].word if times and at + 1 < len(tokens) else word, language)
        if word == COMMA and digits:
            at, tens = at + 1, False
            continue
        if word == "plus" and not digits:
            digits, at = "+", at + 1
            continue
        if not value:
            break
        if times:
            digits, at, tens = digits + value * times, at + 2, False
            continue
        joins = tens and len(value) == 1 and value != "0"
        digits = digits[:-1] + value if joins else digits + value
        tens = len(value) == 2 and value.endswith("0") and value not in ("00", "10") and not word.isdigit()
        at += 1
    return (digits if digits.strip("+") else ""), at


def _value(word: str, language: Language) -> str:
    """The digits of one word: "seven", "4711", "a4711"; "" for any other word."""
    if word in language.digits:
        return language.digits[word]
    return (
        word.upper() if _ALPHANUMERIC.fullmatch(word) else word if word.isdecimal() and word.isascii() else ""
    )


def _issue(utterance: Utterance, language: Language, intent: str) -> str:
    """What the line calls the matter: the product by its name, or else the intent's own word."""
    if intent in ("returns", "repair", "delivery"):
        for product in sorted(language.lists["product"], key=len, reverse=True):
            if f" {product} " in utterance.line:
                return f"the {product}"
    for issue in language.issues:
        if issue.intent == intent and any(find_pattern(pattern, utterance) for pattern in issue.patterns):
            return issue.name
    return ""
