"""Redirects: followed by hand, so that every hop is judged like the first address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidings.flows.fetch.address import AllowedHosts, check_url
from tidings.flows.fetch.outcomes import Outcome
from tidings.flows.urls import prepare_url

if TYPE_CHECKING:
    from tidings.flows.fetch.request import Exchange

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
NO_TARGET = "A redirect names no address."


@dataclass(slots=True)
class Trail:
    """Where redirects have led so far: ``url`` is what is asked next. ``is_permanent``: every hop was 301 or 308."""

    url: str
    hop_count: int = 0
    is_permanent: bool = True
    seen: set[str] = field(default_factory=set)

    def go_on(self, found: Exchange, location: str, allow: AllowedHosts) -> tuple[Outcome, str] | None:
        """Follow one redirect; return why it is not followed, or None when ``url`` is the next address."""
        self.seen.add(self.url)
        self.hop_count += 1
        self.is_permanent &= found.status in _PERMANENT
        if not location.strip():
            return Outcome.REDIRECT_ERROR, NO_TARGET
        target = prepare_url(location, self.url)
        refusal = check_url(target or location, allow) if target or "://" in location or ":" in location else None
        if refusal:
            return Outcome.BLOCKED, f"A redirect leads where we do not go. {refusal}"
        if target is None:
            return Outcome.BLOCKED, "A redirect leads to what is no address of the web."
        if target in self.seen:
            return Outcome.REDIRECT_ERROR, "The redirects lead in a circle."
        if self.hop_count > MAX_REDIRECTS:
            return Outcome.REDIRECT_ERROR, f"More than {MAX_REDIRECTS} redirects."
        self.url = target
        return None


def location_of(found: Exchange) -> str | None:
    """Return where an answer redirects to, as it says it; None when it is no redirect."""
    if found.status not in REDIRECTS or found.failure:
        return None
    return found.header("Location")
