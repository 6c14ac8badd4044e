"""The web application: the carrier's webhooks, and the probes that operators and Prometheus ask."""

from flask import Blueprint, Flask, Response, jsonify

from bot.web_parts import WebParts
from bot.webhooks import carrier_blueprint

__all__ = ["WebParts", "create_web"]

# A webhook has some forty short parameters.
MAX_BODY_BYTES = 64 * 1024
MAX_FORM_PARTS = 200


def create_web(parts: WebParts) -> Flask:
    """A Flask application over `parts`. Several can live in one process."""
    app = Flask("calmline", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
    )
    if not parts.settings.signed:
        # Nothing is signed on loopback, so a page in a browser, or a tunnel, must not reach the webhooks by
        # another name for this machine.
        app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]"]
    app.register_blueprint(carrier_blueprint(parts))
    app.register_blueprint(_probes(parts))
    return app


def _probes(parts: WebParts) -> Blueprint:
    """Health, readiness and figures. They hold no caller's data and need no signature."""
    blueprint = Blueprint("probes", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process is alive."""
        return jsonify(alive=True)

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """200 when calls can be answered, else 503 with the reasons."""
        reasons = parts.status.not_ready
        return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """The figures for Prometheus."""
        return Response(parts.metrics.text(), content_type=parts.metrics.content_type)

    return blueprint
