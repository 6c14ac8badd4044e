"""The loader of a language's meaning file, the one place of this package that reads from disk.

`flows/languages/<tag>/meaning.yaml` is read once, checked whole, and compiled. Faults name the file and the line.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from flows.errors import UnknownLanguage
from flows.meaning.nodes import Nodes
from flows.meaning.patterns import Pattern, PatternFault, compile_pattern
from flows.meaning.rules import Issue, Language, Rule, Shield, index_of
from flows.meaning.spelling import Spelling

PROBABILITIES = ("directed_abuse", "threat", "swearing", "anger", "distress", "crisis", "danger_to_others")
SIGNS = (
    *("yes", "no", "refuse", "short_yes", "short_no", "backchannel"),
    *("wants_person", "wants_callback", "wants_repeat", "apology", "thanks", "goodbye"),
    *("wish_respect", "wish_compensation", "request", "name"),
)
INTENTS = (
    *("hold", "returns", "repair", "delivery", "billing", "paperwork", "food", "hotel"),
    *("papers", "cancel", "order_status", "opening_hours", "other"),
)
INTENT = "intent."
LABELS = frozenset((*PROBABILITIES, *SIGNS, *(f"{INTENT}{intent}" for intent in INTENTS)))
_SECTIONS = ("spelling", "numbers", "lists", "rules", "shields", "issues")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?")


@cache
def load_language(tag: str) -> Language:
    """The knowledge of a language, read at the first call. Raises UnknownLanguage and BadLanguageData."""
    file = resources.files("flows") / "languages" / tag / "meaning.yaml" if _TAG.fullmatch(tag) else None
    if file is None or not file.is_file():
        raise UnknownLanguage(tag)
    return parse_language(
        file.read_text(encoding="utf-8"), tag=tag, path=f"flows/languages/{tag}/meaning.yaml"
    )


def parse_language(text: str, *, tag: str, path: str) -> Language:
    """Compile the text of a meaning file. Raises BadLanguageData naming `path` and the line."""
    return _Compiler(text, path).language(tag)


class _Compiler:
    """Turns the nodes of one file into a Language, lists first because patterns name them."""

    def __init__(self, text: str, path: str) -> None:
        self._nodes = nodes = Nodes(path)
        self._root = nodes.mapping(nodes.compose(text), required=_SECTIONS, optional=())
        lists = nodes.mapping(self._root["lists"])
        self._lists = {name: nodes.texts(node) for name, node in lists.items()}
        self._known: set[str] = set()

    def language(self, tag: str) -> Language:
        """Compile everything."""
        nodes = self._nodes
        rules = nodes.unique(
            (node, rule.id, rule)
            for node in nodes.sequence(self._root["rules"])
            for rule in [self._rule(node)]
        )
        shields = nodes.unique(
            (node, shield.id, shield)
            for node in nodes.sequence(self._root["shields"])
            for shield in [self._shield(node)]
        )
        numbers = nodes.mapping(self._root["numbers"], required=("digits", "repeats"), optional=())
        digits = {word: nodes.text(node) for word, node in nodes.mapping(numbers["digits"]).items()}
        repeats = nodes.mapping(numbers["repeats"])
        return Language(
            tag=tag,
            lists=self._lists,
            rules=rules,
            rule_index=index_of(rules.values()),
            shields=shields,
            shield_index=index_of(shields.values()),
            issues=tuple(self._issue(node) for node in nodes.sequence(self._root["issues"])),
            digits=digits,
            repeats={word: int(nodes.number(node)) for word, node in repeats.items()},
            spelling=self._spelling(digits),
        )

    def _spelling(self, digits: Mapping[str, str]) -> Spelling:
        """Compiled last: by now every word of the patterns is known."""
        nodes = self._nodes
        keys = ("expand", "endings", "masked", "fillers", "titles")
        data = nodes.mapping(self._root["spelling"], required=keys, optional=())
        phrases = [tuple(phrase.split()) for listed in self._lists.values() for phrase in listed]
        listed_words = {word for phrase in phrases for word in phrase}
        fillers = frozenset(nodes.texts(data["fillers"]))
        masked = nodes.texts(data["masked"])
        expand = nodes.mapping(data["expand"])
        return Spelling(
            expand={word: tuple(nodes.text(node).split()) for word, node in expand.items()},
            endings={ending: nodes.text(node) for ending, node in nodes.mapping(data["endings"]).items()},
            masked=masked,
            fillers=fillers,
            filler_phrases=frozenset(
                phrase for phrase in phrases if len(phrase) > 1 and phrase[0] in fillers
            ),
            titles=frozenset(nodes.texts(data["titles"])),
            known=frozenset(self._known | listed_words | expand.keys()),
            spellable=frozenset(word for word in (*masked, *self._lists.get("rude", ())) if word.isalpha()),
            digits=frozenset(digits),
        )

    def _rule(self, node: yaml.Node) -> Rule:
        nodes = self._nodes
        data = nodes.mapping(node, required=("id", "label", "any"), optional=("weight",))
        label = nodes.text(data["label"])
        if label not in LABELS:
            raise nodes.fault(data["label"], f"there is no label {label!r}")
        weight = nodes.number(data["weight"]) if "weight" in data else 1.0
        if not 0.0 < abs(weight) <= 1.0:
            raise nodes.fault(data["weight"], f"the weight {weight} is 0 or not between -1 and 1")
        return Rule(nodes.text(data["id"]), label, weight, self._patterns(data["any"]))

    def _shield(self, node: yaml.Node) -> Shield:
        nodes = self._nodes
        data = nodes.mapping(node, required=("id", "hides", "covers", "any"), optional=())
        hides = nodes.texts(data["hides"])
        if unknown := [label for label in hides if label not in LABELS]:
            raise nodes.fault(data["hides"], f"there is no label {unknown[0]!r}")
        covers = nodes.text(data["covers"])
        if covers not in ("match", "sentence"):
            raise nodes.fault(
                data["covers"], f"a shield covers its `match` or the `sentence`, not {covers!r}"
            )
        patterns = self._patterns(data["any"])
        return Shield(nodes.text(data["id"]), frozenset(hides), covers == "sentence", patterns)

    def _issue(self, node: yaml.Node) -> Issue:
        nodes = self._nodes
        data = nodes.mapping(node, required=("intent", "name", "any"), optional=())
        intent = nodes.text(data["intent"])
        if intent not in INTENTS:
            raise nodes.fault(data["intent"], f"there is no intent {intent!r}")
        return Issue(intent, nodes.text(data["name"]), self._patterns(data["any"]))

    def _patterns(self, node: yaml.Node) -> tuple[Pattern, ...]:
        patterns = []
        for item in self._nodes.sequence(node):
            source = self._nodes.text(item)
            try:
                patterns.append(compile_pattern(source, self._lists))
            except PatternFault as fault:
                raise self._nodes.fault(item, str(fault)) from fault
            self._known.update(re.findall(r"[^\W_]+", source))
        return tuple(patterns)
