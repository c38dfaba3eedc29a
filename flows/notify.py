"""Send notifications to the URL in TIDINGS_WEBHOOK: failed and crashed runs, failed audits, silent sources, full disks."""

from __future__ import annotations

import json
import logging
import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from tidings.flows.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

log = logging.getLogger("tidings")
SECONDS = 10


def notify(subject: str, lines: Sequence[str] = ()) -> bool:
    """Post ``{"text": …, "subject": …, "lines": […]}`` to the webhook and return whether it accepted the notification.

    Chat services display ``text``. Without TIDINGS_WEBHOOK, the function sends nothing and returns False. If the webhook fails,
    the function logs a warning without the URL, which may contain a secret, and the run continues.
    """
    url = os.environ.get("TIDINGS_WEBHOOK", "")
    if not url.startswith(("http://", "https://")):
        return False
    subject, lines = message(subject), [message(line) for line in lines]
    body = json.dumps({"text": "\n".join([subject, *lines]), "subject": subject, "lines": lines}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - as above
            return bool(200 <= response.status < 300)
    except (urllib.error.URLError, OSError, ValueError) as error:
        log.warning("webhook: notification failed (%s)", type(error).__name__)
        return False


def notify_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Notify the webhook that a run failed or crashed. Prefect calls this hook with the final state of the run."""
    notify(f"Tidings: {flow.name} {str(state.name).lower()}", [f"run {flow_run.name}", state.message or ""])
