"""How the settings become a client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.steps.http import ClientSettings

if TYPE_CHECKING:
    from flows.settings import Settings


def client_settings(settings: Settings) -> ClientSettings:
    """Return the guarded client's settings for a night."""
    return ClientSettings(user_agent=settings.user_agent, allow_hosts=settings.allow_hosts, host_gap=settings.host_gap)
