from flows.meaning.lexicon import load_language
from flows.meaning.scoring import Hit, Span, find_hits, probability
from flows.meaning.tokens import read

LANGUAGE = load_language("en")
LINE = read("one two three four", LANGUAGE.spelling)


def hit(rule: str, weight: float, first: int, hidden_by: str = "") -> Hit:
    return Hit(rule, "anger", weight, Span(first, first + 1), hidden_by)


def test_rules_on_different_words_add_up_as_independent_causes() -> None:
    assert probability("anger", [hit("a", 0.5, 1), hit("b", 0.5, 3)], LINE)[0] == 0.75


def test_of_rules_on_the_same_words_the_strongest_counts() -> None:
    assert probability("anger", [hit("a", 0.5, 1), hit("b", 0.6, 1)], LINE)[0] == 0.6


def test_a_rule_counts_once_however_often_it_matches() -> None:
    assert probability("anger", [hit("a", 0.5, 1), hit("a", 0.5, 3)], LINE)[0] == 0.5


def test_a_rule_that_pulls_takes_its_share_away() -> None:
    assert probability("anger", [hit("a", 0.5, 1), hit("b", -0.6, 3)], LINE)[0] == 0.2


def test_a_shielded_rule_weighs_nothing_but_stays_in_the_evidence() -> None:
    score, evidence = probability("anger", [hit("a", 0.5, 1, hidden_by="quote")], LINE)
    assert score == 0.0
    assert [(reason.rule, reason.weight) for reason in evidence] == [("a / quote", 0.0)]


def test_a_shield_hides_only_what_it_covers() -> None:
    utterance = read("he said you idiot. you idiot", LANGUAGE.spelling)
    hits = [h for h in find_hits(utterance, LANGUAGE) if h.rule == "abuse.you_insult"]
    assert [bool(h.hidden_by) for h in hits] == [True, False]
