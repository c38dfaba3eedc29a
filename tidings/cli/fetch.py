"""``tidings fetch``: request URLs with all safety limits."""

import asyncio
import datetime as dt
import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from typer import Argument, Option

from tidings.base.settings import Settings, read_settings
from tidings.base.urls import is_home_page
from tidings.cli.terminal import refuse
from tidings.fetch.client import Client, client_settings, open_client
from tidings.fetch.response import Outcome, Response
from tidings.fetch.signing import DIRECTORY, make_key

_CONCURRENT = 8
PATIENCE = 30.0  # seconds for a URL of a command that a person waits for


Expect = Literal["feed", "page", "any"]


def fetch(
    urls: list[str] = Argument(metavar="URL...", help="URLs to request."),
    expect: Expect = Option(
        "any", help="Expected content: other content has the outcome not_feed."
    ),
    deadline: float = Option(
        60.0, min=0.1, max=86400, help="Limit of the total time per URL, in seconds."
    ),
) -> None:
    """Request URLs with all safety limits, and write one JSON line per URL in the order of
    completion.

    Fields: url (as given), outcome, status, final_url, bytes (of the decompressed body), error (a
    sentence, or null). The command obeys robots files, and refuses private addresses unless
    TIDINGS_ALLOW_HOSTS names them. The exit status is 1 if every URL was blocked, so that none was
    requested.
    """
    answers = asyncio.run(_fetch_all(urls, expect, deadline, read_settings()))
    refuse(
        all(answer.outcome is Outcome.BLOCKED for answer in answers),
        f"No URL was requested. {answers[0].url}: {answers[0].reason}",
    )


def now_utc() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)


def open_unpaced(settings: Settings, deadline: float = 60.0) -> AbstractAsyncContextManager[Client]:
    """Return a client for URLs that a person named: without gaps between requests."""
    options = replace(client_settings(settings), host_gap=0.0, deadline=deadline, is_paced=False)
    return open_client(options, now_utc)


async def _fetch_all(
    urls: list[str], expect: Expect, deadline: float, settings: Settings
) -> list[Response]:
    limit = asyncio.Semaphore(_CONCURRENT)

    async def print_response(url: str) -> Response:
        async with limit:
            response = await client.fetch(url, expect)
        line = {
            "url": url,
            "outcome": response.outcome.value,
            "status": response.status,
            "final_url": response.final_url,
            "bytes": response.byte_count,
            "error": response.reason,
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return response

    async with open_unpaced(settings, deadline) as client:
        return await asyncio.gather(*map(print_response, urls))


def signing_key(
    url: str = Argument(
        metavar="URL",
        help="Your https site that publishes the public key, or a whole URL of it.",
    ),
    file: Path = Argument(metavar="FILE", help="New file of the private key."),
) -> None:
    """Make a key with which Tidings signs requests to hosts that ask for it (Web Bot Auth).

    The command writes the private key, and beside it the file `http-message-signatures-directory`
    with the public key, which you publish. A second key is added to that file: publish both while
    you change from one to the other, then delete the first from it.
    """
    directory = make_key(url, file, dt.datetime.now(dt.UTC))
    place = f"{url.rstrip('/')}/.well-known/{DIRECTORY}" if is_home_page(url) else url
    print(f"1. Publish {directory} at {place}")
    print("   with the Content-Type application/http-message-signatures-directory+json.")
    print(f"2. Set TIDINGS_SIGNING_KEY={file.absolute()} and keep this file secret.")
