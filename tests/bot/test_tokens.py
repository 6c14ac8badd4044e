"""Stream tokens."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadSetting, BadToken
from bot.settings import load_settings
from bot.tokens import MAX_AGE_S, SKEW_S, StreamTokens, token_secret
from tests.bot.store.opened import open_store

call_ids = st.from_regex(r"CA[0-9A-Za-z]{1,62}", fullmatch=True)


class Clock:
    """A clock that stands still until it is moved."""

    now_s = 1_900_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now_s


def reason(tokens: StreamTokens, token: str, call_id: str = "CA1") -> str:
    """Why a token does not pass."""
    with pytest.raises(BadToken) as caught:
        tokens.check(token, call_id)
    return caught.value.reason


@given(call_ids)
def test_a_token_passes_for_its_call(call_id: str) -> None:
    tokens = StreamTokens(b"secret")
    token = tokens.issue(call_id)
    assert tokens.check(token, call_id)
    assert len(token) < 400


@given(call_ids, call_ids)
def test_a_token_passes_for_no_other_call(call_id: str, other: str) -> None:
    tokens = StreamTokens(b"secret")
    if other != call_id:
        assert reason(tokens, tokens.issue(call_id), other) == "foreign"


@given(st.text(max_size=300))
def test_no_text_is_a_token(text: str) -> None:
    assert reason(StreamTokens(b"secret"), text) in {"forged", "missing"}


@given(st.data())
def test_a_token_with_one_character_changed_does_not_pass(data: st.DataObject) -> None:
    """The last character of a part may carry unused bits; any other change breaks the signature."""
    tokens = StreamTokens(b"secret", clock_s=Clock())
    token = tokens.issue("CA1")
    at = data.draw(st.integers(0, len(token.rsplit(".", 1)[0]) - 1))
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    assert reason(tokens, changed) == "forged"


def test_each_token_is_another_one() -> None:
    tokens = StreamTokens(b"secret", clock_s=Clock())
    first, second = (tokens.check(tokens.issue("CA1"), "CA1") for _ in range(2))
    assert first.nonce != second.nonce


def test_a_token_of_another_secret_is_forged() -> None:
    assert reason(StreamTokens(b"secret"), StreamTokens(b"other").issue("CA1")) == "forged"


def test_an_overlong_token_is_not_even_read() -> None:
    assert reason(StreamTokens(b"secret"), "x" * 401) == "overlong"


def test_a_token_expires() -> None:
    clock = Clock()
    tokens = StreamTokens(b"secret", clock_s=clock)
    token = tokens.issue("CA1")
    clock.now_s += MAX_AGE_S
    assert tokens.check(token, "CA1")
    clock.now_s += 1
    assert reason(tokens, token) == "expired"


def test_a_token_from_a_clock_that_is_a_little_ahead_passes() -> None:
    clock = Clock()
    tokens = StreamTokens(b"secret", clock_s=clock)
    token = tokens.issue("CA1")
    clock.now_s -= SKEW_S
    assert tokens.check(token, "CA1")
    clock.now_s -= 1
    assert reason(tokens, token) == "expired"


def test_a_token_opens_one_stream(tmp_path: Path) -> None:
    tokens = StreamTokens(b"secret")
    token = tokens.issue("CA1")
    with open_store(tmp_path) as store:
        tokens.redeem(token, "CA1", store)
        with pytest.raises(BadToken, match="its token is used"):
            tokens.redeem(token, "CA1", store)


def test_a_used_token_is_remembered_for_as_long_as_it_would_pass(tmp_path: Path) -> None:
    clock = Clock()
    tokens = StreamTokens(b"secret", clock_s=clock)
    first, second = tokens.issue("CA1"), tokens.issue("CA1")
    with open_store(tmp_path) as store:
        tokens.redeem(first, "CA1", store)
        clock.now_s += MAX_AGE_S
        tokens.redeem(second, "CA1", store)
        with pytest.raises(BadToken, match="used"):
            tokens.redeem(first, "CA1", store)


def test_the_error_does_not_hold_the_token() -> None:
    token = StreamTokens(b"other").issue("CA1")
    with pytest.raises(BadToken) as caught:
        StreamTokens(b"secret").check(token, "CA1")
    assert token not in str(caught.value)


def test_processes_with_one_auth_token_share_the_secret(tmp_path: Path) -> None:
    first, second = (
        token_secret(load_settings({"TWILIO_AUTH_TOKEN": "t", "CALMLINE_HOME": str(tmp_path / name)}))
        for name in "ab"
    )
    assert first == second
    assert first != b"t"


def test_without_an_auth_token_the_secret_is_a_private_file(tmp_path: Path) -> None:
    settings = load_settings({"CALMLINE_HOME": str(tmp_path / "home")})
    assert token_secret(settings) == token_secret(settings)
    files = list((tmp_path / "home").iterdir())
    assert [file.name for file in files] == ["stream-secret"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_damaged_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "stream-secret").write_bytes(b"short")
    with pytest.raises(BadSetting, match="CALMLINE_HOME"):
        token_secret(load_settings({"CALMLINE_HOME": str(tmp_path)}))


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="its secret cannot be kept"):
        token_secret(load_settings({"CALMLINE_HOME": str(tmp_path / "file")}))
