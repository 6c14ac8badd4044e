"""The facts of one line: a YAML file, checked, with every fault named by file and line.

The file is one flat mapping of texts and numbers. Scalars are taken as they are written: `country: NO` is
Norway, not false, and `person_number: +15551234567` keeps its plus.
"""

import difflib
import re
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from audio.language import MAX_LANGUAGES, distinct
from bot.errors import BadLineConfig
from bot.phone_numbers import is_number, read_aloud
from flows.line import LineFacts

DEFAULT_LINE = Path(__file__).with_name("default_line.yaml")
MAX_FILE_BYTES = 64 * 1024
_LANGUAGE = "[a-z]{2,3}(-[A-Za-z]{2,8})?"


class LineConfig(BaseModel):
    """What one line is: whose it is, what it speaks, whom it can ring.

    `default_line.yaml` describes the fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    business: str = Field("Harbour Appliances", min_length=1, max_length=80)
    language: str = Field("en", pattern=f"^{_LANGUAGE}$")
    other_languages: str = ""
    vocabulary: str = Field("", max_length=400)
    country: str = Field("US", pattern=r"^[A-Z]{2}$")
    voice: str = Field("default", min_length=1, max_length=80)
    person_number: str = ""
    callback_number: str = ""
    emergency_number: str = Field("911", pattern=r"^[0-9]{2,6}$")
    # At least two: the sentence about it is written for the plural.
    callback_hours: int = Field(24, ge=2, le=168)
    callback_owner: str = Field("customer care", min_length=1, max_length=80)

    @field_validator("other_languages")
    @classmethod
    def _are_languages(cls, text: str) -> str:
        """Require tags between commas, or nothing."""
        tags = [tag.strip() for tag in text.split(",")] if text else []
        for tag in tags:
            if not re.fullmatch(_LANGUAGE, tag):
                raise ValueError(
                    f'languages are tags between commas, as in "el, zh-Hant", and {tag!r} is none'
                )
        if len(tags) >= MAX_LANGUAGES:
            raise ValueError(f"a line has {MAX_LANGUAGES} languages at most")
        return text

    @field_validator("person_number", "callback_number")
    @classmethod
    def _is_number(cls, number: str) -> str:
        """Require E.164 or nothing; blanks and dashes are for the reader of the file."""
        compact = number.translate(str.maketrans("", "", " -().")) if number else ""
        if compact and not is_number(compact):
            raise ValueError("a telephone number is written with + and the country code, as +15551234567")
        return compact

    @property
    def languages(self) -> tuple[str, ...]:
        """What callers may speak, the main language first."""
        return distinct(
            [self.language, *(tag.strip() for tag in self.other_languages.split(",") if tag.strip())]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The vocabulary, name by name."""
        return tuple(name.strip() for name in self.vocabulary.split(",") if name.strip())

    @model_validator(mode="after")
    def _emergency_number_fits(self) -> Self:
        """Refuse the default emergency number in a country that may not know it."""
        if self.country not in {"US", "CA"} and "emergency_number" not in self.model_fields_set:
            raise ValueError(f"emergency_number must be given for country {self.country}")
        return self


def load_line_config(path: Path | None) -> LineConfig:
    """Read a line's configuration, or the shipped example for None.

    Raises BadLineConfig for a file that cannot be read, is no flat YAML mapping, or holds a bad value.
    """
    file = DEFAULT_LINE if path is None else path
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadLineConfig(str(file), 0, f"it cannot be read: {error}") from None
    if len(content) > MAX_FILE_BYTES:
        raise BadLineConfig(str(file), 0, f"it is larger than {MAX_FILE_BYTES} bytes")
    return parse_line_config(text, name=str(file))


def parse_line_config(text: str, *, name: str) -> LineConfig:
    """Check the text of a configuration file, called `name` in messages. Raises BadLineConfig."""
    values, lines = _values_and_lines(text, name=name)
    try:
        return LineConfig.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0]) if fault["loc"] else "country"
        problem = fault["msg"].removeprefix("Value error, ")
        if fault["loc"]:
            problem = f"{key}: {problem[:1].lower()}{problem[1:]}"
        raise BadLineConfig(name, lines.get(key, 0), problem) from None


def facts(config: LineConfig) -> LineFacts:
    """What the judgement knows of this line."""
    return LineFacts(
        business=config.business,
        language=config.language,
        person_available=bool(config.person_number),
        callback_number=read_aloud(config.callback_number),
        emergency_number=config.emergency_number,
        callback_hours=config.callback_hours,
    )


def _values_and_lines(text: str, *, name: str) -> tuple[dict[str, str], dict[str, int]]:
    """The mapping's scalars as written, and the line of each key. Raises BadLineConfig."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BadLineConfig(name, line, f"it is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BadLineConfig(name, 0, f"it is not YAML: {error}") from None
    if root is None:
        return {}, {}
    if not isinstance(root, yaml.MappingNode):
        raise BadLineConfig(name, 1, "it should be lines of `key: value`")
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not isinstance(value_node, yaml.ScalarNode):
            raise BadLineConfig(name, line, "each key should have one value, not a list or a mapping")
        key = key_node.value
        if key not in LineConfig.model_fields:
            raise BadLineConfig(name, line, f"there is no key {key!r}{_suggestion(key)}")
        if key in values:
            raise BadLineConfig(name, line, f"{key} is given twice; the first is in line {lines[key]}")
        values[key] = value_node.value
        lines[key] = line
    return values, lines


def _suggestion(key: str) -> str:
    """The known key that a mistyped one was meant to be, or all of them."""
    known = list(LineConfig.model_fields)
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; the keys are {', '.join(known)}"
