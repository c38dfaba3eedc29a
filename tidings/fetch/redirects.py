"""Follow redirects: check the target of each one like the first URL, and limit their number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidings.base.urls import prepare_url
from tidings.fetch.address_check import AllowedHosts, check_url
from tidings.fetch.response import NO_TARGET, REDIRECTS, Outcome

if TYPE_CHECKING:
    from tidings.fetch.response import RawResponse

MAX_REDIRECTS = 5

_PERMANENT = {301, 308}


@dataclass(slots=True)
class RedirectChain:
    """The redirects of a request: ``url`` is the next URL, and ``is_permanent`` is True if every
    redirect was a 301 or 308.
    """

    url: str
    hop_count: int = 0
    is_permanent: bool = True
    seen: set[str] = field(default_factory=set)

    def follow(
        self, raw: RawResponse, location: str, allow: AllowedHosts
    ) -> tuple[Outcome, str] | None:
        """Set ``url`` to the target of a redirect and return None, or return the outcome and the
        reason for not following it.
        """
        self.seen.add(self.url)
        self.hop_count += 1
        self.is_permanent &= raw.status in _PERMANENT
        if not location.strip():
            return Outcome.REDIRECT_ERROR, NO_TARGET
        target = prepare_url(location, self.url)
        refusal = (
            check_url(target or location, allow)
            if target or "://" in location or ":" in location
            else None
        )
        if refusal:
            return Outcome.BLOCKED, f"A redirect leads to a URL that is not fetched. {refusal}"
        if target is None:
            return Outcome.BLOCKED, "A redirect leads to an invalid URL."
        if target in self.seen:
            return Outcome.REDIRECT_ERROR, "The redirects form a loop."
        if self.hop_count > MAX_REDIRECTS:
            return Outcome.REDIRECT_ERROR, f"There were more than {MAX_REDIRECTS} redirects."
        self.url = target
        return None


def redirect_location(raw: RawResponse) -> str | None:
    """Return the Location header of a redirect, or None if the response is not a redirect."""
    if raw.status not in REDIRECTS or raw.failure:
        return None
    return raw.header("Location")
