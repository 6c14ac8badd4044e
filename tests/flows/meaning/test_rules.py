from flows.meaning.patterns import compile_pattern
from flows.meaning.rules import Rule, index_of


def test_a_pattern_is_looked_at_only_where_its_rarest_word_occurs() -> None:
    rule = Rule("late", "anger", 0.5, (compile_pattern("too late", {}),))
    index = index_of([rule])
    assert [name for name, _ in index.candidates(["you", "are", "too", "late"])] == ["late"]
    assert index.candidates(["late"]) == [] or index.candidates(["too"]) == []
