"""The settings."""

import pytest
from pydantic import ValidationError

from bot.errors import BadSetting
from bot.settings import Settings, load_settings, settings_table


def refused(**variables: str) -> BadSetting:
    """The error that these variables give."""
    with pytest.raises(BadSetting) as caught:
        load_settings(variables)
    return caught.value


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = load_settings({})
    assert (settings.port, settings.max_calls, settings.whisper_model) == (8000, 24, "auto")
    assert settings.store_url.startswith("sqlite:////")
    assert settings.store_url.endswith("/var/calmline.db")


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load_settings({"PORT": " ", "MAX_CALLS": ""}) == load_settings({})


def test_other_variables_are_ignored() -> None:
    assert load_settings({"PATH": "/bin", "port": "1"}) == load_settings({})


def test_the_process_environment_is_not_read_behind_the_callers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9999")
    assert load_settings({}).port == 8000


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings({}).port = 1  # type: ignore[misc]  # the mistake under test


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("MAX_CALLS", "0"),
        ("PUBLIC_URL", "line.example.com"),
        ("PUBLIC_URL", "https://line.example.com/?a=1"),
        ("PUBLIC_URL", "https://line.example.com:99999"),
        ("TWILIO_ACCOUNT_SID", "SK0123"),
        ("TWILIO_API_BASE_URL", "ftp://proxy"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "postgresql+asyncpg://host/db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "not a url"),
        ("REDIS_URL", "http://host"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    error = refused(**{variable: value})
    assert error.variable == variable
    assert str(error).startswith(f"{variable}={value!r} cannot be used: ")


def test_an_error_never_shows_a_password() -> None:
    assert "hunter2" not in str(refused(DATABASE_URL="mysql://user:hunter2@host/db"))


def test_the_representation_shows_no_secret() -> None:
    settings = load_settings(
        {
            "TWILIO_AUTH_TOKEN": "hunter2",
            "DATABASE_URL": "postgresql://user:hunter2@host/db",
            "REDIS_URL": "redis://:hunter2@host/0",
        }
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_the_driver_that_is_installed(scheme: str) -> None:
    settings = load_settings({"DATABASE_URL": f"{scheme}://user:p%40w@host/db?sslmode=require"})
    assert settings.store_url == "postgresql+psycopg://user:p%40w@host/db?sslmode=require"


def test_port_0_asks_for_any_free_port_and_takes_the_one_it_got() -> None:
    settings = load_settings({"PORT": "0"}).with_port(4711)
    assert settings.stream_url == "ws://127.0.0.1:4711/media"


@pytest.mark.parametrize(
    ("public_url", "stream_url"),
    [
        ("", "ws://127.0.0.1:8000/media"),
        ("http://localhost:8000", "ws://localhost:8000/media"),
        ("https://line.example.com", "wss://line.example.com/media"),
        ("http://line.example.com", "wss://line.example.com/media"),
        ("https://example.com/line/", "wss://example.com/line/media"),
    ],
)
def test_the_stream_is_plain_on_loopback_only(public_url: str, stream_url: str) -> None:
    assert load_settings({"PUBLIC_URL": public_url}).stream_url == stream_url


def test_without_an_auth_token_the_server_listens_on_loopback() -> None:
    assert load_settings({}).host == "127.0.0.1"


def test_with_an_auth_token_the_server_listens_everywhere() -> None:
    assert load_settings({"TWILIO_AUTH_TOKEN": "t"}).host == "0.0.0.0"  # noqa: S104 - what is meant


def test_without_a_token_the_line_serves_loopback_and_says_so() -> None:
    settings = load_settings({"PUBLIC_URL": "https://line.example.com"})
    assert settings.host == "127.0.0.1"
    assert ["loopback" in caution for caution in settings.cautions()] == [True]


def test_without_a_public_address_a_signed_line_says_what_it_checks_against() -> None:
    settings = load_settings({"TWILIO_AUTH_TOKEN": "t", "PORT": "8123"})
    assert "http://127.0.0.1:8123" in settings.cautions()[0]


def test_a_signed_line_with_a_public_address_needs_no_caution() -> None:
    settings = load_settings({"TWILIO_AUTH_TOKEN": "t", "PUBLIC_URL": "https://line.example.com"})
    assert settings.cautions() == []


def test_the_table_describes_every_setting() -> None:
    rows = settings_table()
    assert [row.variable.lower() for row in rows] == list(Settings.model_fields)
    assert all(row.description for row in rows)
    assert {row.variable: row.default for row in rows}["MAX_CALLS"] == "24"


def test_a_path_in_the_public_address_comes_before_every_webhook() -> None:
    assert load_settings({"PUBLIC_URL": "https://example.com/line/"}).path_prefix == "/line"
    assert load_settings({}).path_prefix == ""
