"""The tables' own types."""

from datetime import datetime

import pytest
from sqlalchemy.dialects import sqlite

from bot.store.tables import ShortText, UtcDateTime


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2030, 1, 1), sqlite.dialect())


def test_a_text_may_fill_its_column() -> None:
    assert ShortText(3).process_bind_param("äöü", sqlite.dialect()) == "äöü"


@pytest.mark.parametrize(("text", "problem"), [("four", "4 characters is too long"), ("a\0", "NUL")])
def test_a_text_that_one_database_would_refuse_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ShortText(3).process_bind_param(text, sqlite.dialect())
