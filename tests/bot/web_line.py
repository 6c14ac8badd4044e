"""A whole line without its ear and voice, for the tests of the webhooks: real store, tokens and admission."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from bot.admission import Admission
from bot.line_config import LineConfig
from bot.metrics import Metrics
from bot.settings import load_settings
from bot.store import Store, upgrade
from bot.tokens import StreamTokens
from bot.web import WebParts, create_web

CALL = "CA0123456789abcdef0123456789abcdef"
OTHER_CALL = "CAfedcba9876543210fedcba9876543210"
CALLER = "+15005550006"
PERSON = "+15005550009"
NOW = datetime(2030, 5, 17, 9, 30, tzinfo=UTC)
AUTH_TOKEN = "not-a-real-token"
PUBLIC_URL = "https://line.example.com"


class WebLine:
    """The web application of one line, its parts, and a client that posts to it as the carrier does."""

    def __init__(
        self,
        home: Path,
        *,
        signed: bool = False,
        max_calls: int = 2,
        person: str = "",
        now: Callable[[], datetime] = lambda: NOW,
    ) -> None:
        variables = {"CALMLINE_HOME": str(home), "MAX_CALLS": str(max_calls)}
        if signed:
            variables |= {"TWILIO_AUTH_TOKEN": AUTH_TOKEN, "PUBLIC_URL": PUBLIC_URL}
        self.settings = load_settings(variables)
        upgrade(self.settings.store_url)
        self.store = Store(self.settings.store_url)
        self.status = Admission(max_calls, clock_s=lambda: 0.0)
        self.metrics = Metrics()
        self.tokens = StreamTokens(b"secret", clock_s=NOW.timestamp)
        self.parts = WebParts(
            settings=self.settings,
            config=LineConfig(business="Harbour Appliances", person_number=person),
            store=self.store,
            tokens=self.tokens,
            status=self.status,
            metrics=self.metrics,
            now=now,
        )
        self.client: FlaskClient = create_web(self.parts).test_client()

    def post(self, path: str, call_id: str = CALL, **fields: str) -> TestResponse:
        """Post a webhook about a call, signed when the line asks for it."""
        form = {"CallSid": call_id, "From": CALLER, "To": "+15005550001", **fields}
        headers = {}
        if self.settings.signed:
            signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + path, form)
            headers["X-Twilio-Signature"] = signature
        return self.client.post(path, data=form, headers=headers)

    def ask(self, path: str, call_id: str = CALL, **fields: str) -> ET.Element:
        """Post a webhook and read the TwiML of the answer."""
        response = self.post(path, call_id, **fields)
        assert response.status_code == 200
        assert response.content_type.startswith("text/xml")
        return ET.fromstring(response.data)  # noqa: S314 - our own answer

    def count(self, name: str, **labels: str) -> float:
        """The value of a counter."""
        return self.metrics.registry.get_sample_value(f"calmline_{name}_total", labels) or 0.0


def verbs(response: ET.Element) -> list[str]:
    """The verbs of an answer, in order."""
    return [verb.tag for verb in response]


def spoken(response: ET.Element) -> str:
    """All sentences of an answer."""
    return " ".join(say.text or "" for say in response.iter("Say"))


def token_of(response: ET.Element) -> str:
    """The stream token in an answer that connects."""
    parameter = response.find("Connect/Stream/Parameter[@name='token']")
    assert parameter is not None
    return parameter.attrib["value"]
