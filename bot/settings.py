"""The settings of a process: environment variables, checked at the start.

A variable that is unset or empty has its default. Names, descriptions and defaults are data of the `Settings`
fields; `settings_table` hands them to the manual.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import BadSetting

TWILIO_API = "https://api.twilio.com"
SECRETS = frozenset({"TWILIO_AUTH_TOKEN"})
_URLS_WITH_PASSWORDS = frozenset({"DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "TWILIO_API_BASE_URL"})
_POSTGRESQL = "postgresql+psycopg"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Settings(BaseSettings):
    """What the environment says. Frozen; field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    port: int = Field(8000, ge=0, le=65535, description="The one port of the server; 0 takes any free one.")
    public_url: str = Field(
        "",
        description="The address Twilio calls, such as https://line.example.com; signatures are checked "
        "against it. Empty on loopback.",
    )
    twilio_account_sid: str = Field("", description="The Twilio account (AC…); needed for Twilio's API.")
    twilio_auth_token: SecretStr = Field(
        SecretStr(""),
        description="The secret Twilio signs webhooks with. Without it the server listens on loopback only.",
    )
    twilio_api_base_url: str = Field(TWILIO_API, description="Where Twilio's API is; for proxies and tests.")
    database_url: str = Field(
        "",
        description="sqlite:///… or postgresql://… (postgres:// will do); the default is calmline.db in "
        "CALMLINE_HOME.",
    )
    calmline_home: Path = Field(
        Path("var"), description="The folder for recordings, caches and the database."
    )
    redis_url: str = Field(
        "", description="Checked and kept for live events between processes; nothing uses it yet."
    )
    whisper_model: str = Field(
        "auto", min_length=1, description="The name or folder of a Whisper model; auto picks one."
    )
    line_config: Path | None = Field(
        None, description="The YAML file with the company's facts; unset: the shipped example."
    )
    max_calls: int = Field(24, ge=1, description="Calls at a time; the next one is offered a call-back.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing behind the caller's back: `load_settings` is handed its environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @field_validator("public_url", "twilio_api_base_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        """Require http(s)://host[:port][/path] and drop the last slash."""
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not _port_is_sane(parts):
            raise ValueError("it should look like https://line.example.com")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("it may not hold a user name, a ? or a #")
        return url.rstrip("/")

    @field_validator("twilio_account_sid")
    @classmethod
    def _is_account(cls, sid: str) -> str:
        """Refuse the SID of something else, such as an API key (SK…)."""
        if sid and not re.fullmatch(r"AC[0-9A-Za-z]{1,62}", sid):
            raise ValueError("an account SID begins with AC")
        return sid

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, url: str) -> str:
        """Accept SQLite files and PostgreSQL; name the driver that is installed for the latter.

        Hosts hand out postgres:// and postgresql://; SQLAlchemy takes the one for nothing and the other for a
        driver that is not ours.
        """
        if not url:
            return url
        scheme, separator, rest = url.partition("://")
        if scheme in {"postgres", "postgresql"}:
            url = f"{_POSTGRESQL}{separator}{rest}"
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ValueError("it is not a database URL, such as sqlite:////var/lib/calmline.db") from None
        if parsed.drivername not in {"sqlite", _POSTGRESQL}:
            raise ValueError("only sqlite:// and postgresql:// are supported")
        if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise ValueError("an SQLite database needs a file; several threads share it")
        return url

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str) -> str:
        """Require a scheme that redis clients know."""
        if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("it should look like redis://host:6379/0")
        return url

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, level: str) -> str:
        """Accept the levels of `logging` in any case."""
        if level.upper() not in _LOG_LEVELS:
            raise ValueError(f"it should be one of {', '.join(_LOG_LEVELS)}")
        return level.upper()

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show every field, with passwords masked: a settings object may land in a log."""
        for name, value in super().__repr_args__():
            yield name, mask_secret(name.upper(), value) if name and isinstance(value, str) else value

    @property
    def host(self) -> str:
        """The address to listen on: loopback unless signatures can be checked."""
        return "0.0.0.0" if self.signed else "127.0.0.1"  # noqa: S104 - signed webhooks guard it

    @property
    def signed(self) -> bool:
        """Whether webhooks must carry Twilio's signature."""
        return bool(self.twilio_auth_token.get_secret_value())

    @property
    def base_url(self) -> str:
        """The address that callers of the webhooks use: PUBLIC_URL, or this machine's own."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def path_prefix(self) -> str:
        """The path of PUBLIC_URL, which comes before /voice in what Twilio is told; mostly empty."""
        return urlsplit(self.base_url).path

    @property
    def stream_url(self) -> str:
        """The address of the media WebSocket: ws:// on loopback, wss:// everywhere else."""
        parts = urlsplit(self.base_url)
        scheme = "ws" if is_loopback(parts.hostname or "") and parts.scheme == "http" else "wss"
        return f"{scheme}://{parts.netloc}{parts.path}/media"

    @property
    def store_url(self) -> str:
        """The database URL for SQLAlchemy; by default a file under CALMLINE_HOME."""
        return self.database_url or f"sqlite:///{self.calmline_home.absolute() / 'calmline.db'}"

    def with_port(self, port: int) -> Self:
        """The same settings with the port that was really bound (PORT=0)."""
        return self.model_copy(update={"port": port})

    def cautions(self) -> list[str]:
        """What whoever starts a server should know: one sentence for each thing that is likely not meant."""
        cautions = []
        if not self.signed:
            cautions.append(
                "TWILIO_AUTH_TOKEN is not set: the line serves this machine only (loopback), and no webhook is signed."
            )
        if self.signed and not self.public_url:
            cautions.append(
                f"PUBLIC_URL is not set: signatures are checked against {self.base_url}. "
                "Set it to the address that Twilio calls."
            )
        return cautions


@dataclass(frozen=True)
class SettingRow:
    """One row of the manual's table of settings."""

    variable: str
    default: str
    description: str


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from `environment`. Other variables are ignored.

    Raises BadSetting for the first variable that cannot be used.
    """
    given = {
        name: environment[name.upper()]
        for name in Settings.model_fields
        if environment.get(name.upper(), "").strip()
    }
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic turns the texts into the fields' types
    except ValidationError as error:
        fault = error.errors()[0]
        variable = str(fault["loc"][0]).upper()
        problem = fault["msg"].removeprefix("Value error, ")
        shown = mask_secret(variable, environment.get(variable, ""))
        raise BadSetting(variable, shown, problem[:1].lower() + problem[1:]) from None


def settings_table() -> list[SettingRow]:
    """Every setting with its default and description, in the order of the class."""
    return [
        SettingRow(
            variable=name.upper(),
            default="" if name.upper() in SECRETS or field.default is None else str(field.default),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def mask_secret(variable: str, value: str) -> str:
    """The value of a variable, fit to be shown: secrets hidden, passwords cut out of URLs."""
    if variable in SECRETS:
        return "***" if value else ""
    if variable in _URLS_WITH_PASSWORDS:
        return re.sub(r"//[^@]*@", "//***@", value)
    return value


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port_is_sane(parts: SplitResult) -> bool:
    """Whether the port of a URL, if there is one, is a number that a port can have."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False
