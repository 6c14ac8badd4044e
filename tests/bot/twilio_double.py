"""Twilio's REST API, played by a real HTTP server on this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "0" * 31 + "1"
NUMBER = "+15005550001"
NUMBER_SID = "PN" + "0" * 31 + "1"


@dataclass
class TwilioDouble:
    """What the server has and what it was asked. `refuse` maps a path's end to (HTTP status, error code)."""

    url: str = ""
    numbers: list[str] = field(default_factory=lambda: [NUMBER])
    refuse: dict[str, tuple[int, int]] = field(default_factory=dict)
    garbage: bool = False
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, object]:
        """The HTTP status and JSON body for a request."""
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        for end, (status, code) in self.refuse.items():
            if path.endswith(end):
                return status, {"code": code, "message": "No", "more_info": "", "status": status}
        if method == "GET" and path.endswith(f"{account}/IncomingPhoneNumbers.json"):
            wanted = form.get("PhoneNumber", "")
            found = [self.number(number, {}) for number in self.numbers if wanted in number]
            return 200, {"incoming_phone_numbers": found, "page": 0, "page_size": 50}
        if method == "POST" and path.endswith(f"{account}/IncomingPhoneNumbers/{NUMBER_SID}.json"):
            return 200, self.number(NUMBER, form)
        return 404, {"code": 20404, "message": "The requested resource was not found", "status": 404}

    def number(self, number: str, form: dict[str, str]) -> dict[str, str]:
        """One number as the API describes it."""
        return {
            "sid": NUMBER_SID,
            "account_sid": ACCOUNT,
            "phone_number": number,
            "voice_url": form.get("VoiceUrl", "https://old.example.com/voice"),
            "status_callback": form.get("StatusCallback", ""),
            "voice_fallback_url": form.get("VoiceFallbackUrl", ""),
        }


@contextmanager
def twilio_double() -> Iterator[TwilioDouble]:
    """Serve the double on a free port until the block ends."""
    double = TwilioDouble()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            text = self.rfile.read(size).decode() or parts.query
            form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
            double.asked.append((self.command, parts.path, form, self.headers.get("Authorization", "")))
            status, body = double.answer(self.command, parts.path, form)
            content = b"<html>" if double.garbage else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = respond  # noqa: N815 - the names that http.server looks for

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
