"""What the carrier's own voice says when the line cannot speak: sentences of a language, with its slots filled."""

from functools import cache
from importlib import resources
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import BadLineConfig
from bot.line_config import LineConfig


class CarrierPhrases(BaseModel):
    """The sentences of `flows/languages/<language>/carrier.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    say_language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    busy: str
    offer: str
    offer_declined: str
    not_ready: str
    callback_taken: str
    no_answer_promised: str
    no_answer_call_again: str
    still_ringing: str
    emergency: str
    broken_promised: str
    broken_call_again: str
    one_moment: str

    def filled(self, config: LineConfig) -> Self:
        """The same sentences with the slots filled for one line."""
        values = {
            "business": config.business,
            "hours": config.callback_hours,
            # Digit by digit: nobody should be told to call nine hundred and eleven.
            "emergency_number": " ".join(config.emergency_number),
        }
        return self.model_copy(update={name: text.format(**values) for name, text in self})


@cache
def carrier_phrases(language: str) -> CarrierPhrases:
    """The sentences of a language, read once. Raises BadLineConfig when there are none, or not all."""
    name = f"flows/languages/{language}/carrier.yaml"
    try:
        text = (resources.files("flows") / "languages" / language / "carrier.yaml").read_text("utf-8")
        return CarrierPhrases.model_validate(yaml.safe_load(text))
    except FileNotFoundError:
        raise BadLineConfig(name, 0, f"the language {language} has no such file") from None
    except (ValidationError, yaml.YAMLError) as error:
        raise BadLineConfig(name, 0, str(error)) from None
