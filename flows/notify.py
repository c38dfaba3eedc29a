"""Telling a person: a webhook named by TIDINGS_WEBHOOK hears of failed and crashed runs, failed audits and silent sources."""

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
    """Post ``{"text": …, "subject": …, "lines": […]}`` to the webhook and return whether it was taken.

    ``text`` is what chat services show. Without TIDINGS_WEBHOOK nothing is sent. A webhook that fails is told of in the log,
    without its address, which may hold a secret; it never fails a run.
    """
    address = os.environ.get("TIDINGS_WEBHOOK", "")
    if not address.startswith(("http://", "https://")):
        return False
    subject, lines = message(subject), [message(line) for line in lines]
    body = json.dumps({"text": "\n".join([subject, *lines]), "subject": subject, "lines": lines}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError, ValueError) as error:
        log.warning("the webhook did not take the message: %s", type(error).__name__)
        return False


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tell the webhook that a run failed or crashed: Prefect calls it with the run's last state."""
    notify(f"Tidings: {flow.name} {str(state.name).lower()}", [f"run {flow_run.name}", state.message or ""])
