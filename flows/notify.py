"""Send notifications to the URL in TIDINGS_WEBHOOK: failed and crashed runs, failed audits, silent
sources, full disks.
"""

from __future__ import annotations

import json
import logging
import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tidings.base.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

log = logging.getLogger("tidings")
SECONDS = 10


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Makes every redirect an HTTPError: urllib would send a GET request without the notification
    to the new URL.
    """

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect."""


def notify(subject: str, lines: Sequence[str] = ()) -> bool:
    """Post ``{"text": …, "subject": …, "lines": […]}`` to the webhook and return whether it
    accepted the notification.

    Chat services display ``text``. Without TIDINGS_WEBHOOK, the function sends nothing and returns
    False. Redirects are not followed. The webhook may be in a private network, because the operator
    chose it. If it fails, the function logs a warning without the URL, which may contain a secret,
    and the run continues.
    """
    url = os.environ.get("TIDINGS_WEBHOOK", "")
    if not url.startswith(("http://", "https://")):
        return False
    subject, lines = message(subject), [message(line) for line in lines]
    body = json.dumps(
        {"text": "\n".join([subject, *lines]), "subject": subject, "lines": lines}
    ).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS):
            return True
    except urllib.error.HTTPError as error:
        reason = _explain_status(error)
    except (OSError, ValueError) as error:
        reason = type(error).__name__
    log.warning("webhook: notification failed (%s)", message(reason))
    return False


def _explain_status(error: urllib.error.HTTPError) -> str:
    """Return the reason for a status other than 2xx. Of a redirect's target it contains only the
    host.
    """
    location = error.headers.get("Location", "")
    if not 300 <= error.code < 400 or not location:
        return f"status {error.code}"
    host = urlsplit(location).hostname or "another path of the same host"
    return f"status {error.code}, a redirect to {host}: set TIDINGS_WEBHOOK to the final URL"


def notify_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Notify the webhook that a run failed or crashed. Prefect calls this hook with the final state
    of the run.
    """
    notify(
        f"Tidings: {flow.name} {str(state.name).lower()}",
        [f"run {flow_run.name}", state.message or ""],
    )
