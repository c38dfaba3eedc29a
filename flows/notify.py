"""Send notifications to the URL in TIDINGS_WEBHOOK: failed and crashed runs, failed audits, silent sources, full disks."""

from __future__ import annotations

import json
import logging
import os
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tidings.flows.fetch.address_check import check_ip
from tidings.flows.messages import message
from tidings.flows.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

log = logging.getLogger("tidings")
SECONDS = 10


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Makes every redirect an HTTPError: urllib would send a GET request without the notification to the new URL."""

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect."""


def notify(subject: str, lines: Sequence[str] = ()) -> bool:
    """Post ``{"text": …, "subject": …, "lines": […]}`` to the webhook and return whether it accepted the notification.

    Chat services display ``text``. Without TIDINGS_WEBHOOK, the function sends nothing and returns False. The rule for private
    addresses applies, and redirects are not followed. If the webhook fails, the function logs a warning without the URL, which
    may contain a secret, and the run continues.
    """
    url = os.environ.get("TIDINGS_WEBHOOK", "")
    if not url.startswith(("http://", "https://")):
        return False
    subject, lines = message(subject), [message(line) for line in lines]
    body = json.dumps({"text": "\n".join([subject, *lines]), "subject": subject, "lines": lines}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    try:
        reason = _find_refusal(url)
        if reason is None:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS):
                return True
    except urllib.error.HTTPError as error:
        reason = _explain_status(error)
    except (OSError, ValueError, SettingsError) as error:
        reason = type(error).__name__
    log.warning("webhook: notification failed (%s)", message(reason))
    return False


def _find_refusal(url: str) -> str | None:
    """Return why the webhook's host must not be used, or None. A host without an address fails later."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if (host, port) in read_settings().allow_hosts:
        return None
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]
    except OSError:  # behind a proxy, only the proxy may know the name
        return None
    refusal = next(filter(None, map(check_ip, addresses)), None)
    return refusal and f"{refusal} To use this host, add its host:port to TIDINGS_ALLOW_HOSTS"


def _explain_status(error: urllib.error.HTTPError) -> str:
    """Return the reason for a status other than 2xx. Of a redirect's target it contains only the host."""
    location = error.headers.get("Location", "")
    if not 300 <= error.code < 400 or not location:
        return f"status {error.code}"
    host = urlsplit(location).hostname or "another path of the same host"
    return f"status {error.code}, a redirect to {host}: set TIDINGS_WEBHOOK to the final URL"


def notify_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Notify the webhook that a run failed or crashed. Prefect calls this hook with the final state of the run."""
    notify(f"Tidings: {flow.name} {str(state.name).lower()}", [f"run {flow_run.name}", state.message or ""])
