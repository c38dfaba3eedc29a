"""The choices that the backfill form offers: the publishers and topics of the registry in force when the flow is loaded."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tidings.flows.fetch.registry import RegistryError
from tidings.flows.settings import SettingsError, read_settings
from tidings.flows.stages.prepare import registry_of
from tidings.warehouse.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable


def _choices() -> tuple[list[str], list[str]]:
    """Return publisher ids and topics; of a registry that cannot be read none, since the run itself will say why."""
    try:
        feeds, _ = registry_of(read_settings())
    except (SettingsError, RegistryError, WarehouseError):
        return [], []
    return sorted({feed.publisher_id for feed in feeds}), sorted({topic for feed in feeds for topic in feed.topics})


def _enum(name: str, values: Iterable[str]) -> type[StrEnum]:
    return StrEnum(name, {value: value for value in values} or {"none": "none"})  # type: ignore[return-value]


if TYPE_CHECKING:
    PublisherId = str
    Topic = str
else:
    _publishers, _topics = _choices()
    PublisherId = _enum("PublisherId", _publishers)
    Topic = _enum("Topic", _topics)
