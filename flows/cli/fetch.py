"""``tidings fetch``: the guarded fetcher by hand."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from flows.settings import Settings, read_settings
from flows.steps.http import Client, ClientSettings, open_client

if TYPE_CHECKING:
    from flows.steps.outcomes import Answer

_AT_ONCE = 8


class Expect(StrEnum):
    """What the address should hold."""

    FEED = "feed"
    PAGE = "page"
    ANY = "any"


def fetch(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses to fetch, each by itself.")],
    expect: Annotated[Expect, typer.Option(help="What should be there: an answer of another kind is not_feed.")] = Expect.ANY,
    deadline: Annotated[float, typer.Option(min=0.1, help="Seconds that an address may take in all.")] = 60.0,
) -> None:
    """Fetch addresses politely and say what came of each: a JSON line an address, in the order in which they end.

    Fields: url (as given), outcome, status, final_url, bytes (of the body, unpacked), error (a sentence, or null).
    Robots files are obeyed; private addresses are refused unless TIDINGS_ALLOW_HOSTS names them.
    """
    asyncio.run(_fetch_all(urls, expect, deadline, read_settings()))


async def _fetch_all(urls: list[str], expect: Expect, deadline: float, settings: Settings) -> None:
    options = ClientSettings(
        user_agent=settings.user_agent, allow_hosts=settings.allow_hosts, host_gap=0.0, deadline=deadline, is_paced=False
    )
    limit = asyncio.Semaphore(_AT_ONCE)
    async with open_client(options, lambda: dt.datetime.now(dt.UTC)) as client:
        await asyncio.gather(*(_print_one(client, url, expect, limit) for url in urls))


async def _print_one(client: Client, url: str, expect: Expect, limit: asyncio.Semaphore) -> None:
    async with limit:
        answer = await client.fetch(url, expect.value)
    print(json.dumps(_describe(url, answer), ensure_ascii=False), flush=True)


def _describe(url: str, answer: Answer) -> dict[str, object]:
    return {
        "url": url,
        "outcome": answer.outcome.value,
        "status": answer.status,
        "final_url": answer.final_url,
        "bytes": answer.byte_count,
        "error": answer.reason,
    }
