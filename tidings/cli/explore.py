"""``tidings explore`` and ``mcp``: a page with charts and articles, its API, and its tools."""

from __future__ import annotations

import os
import time
import webbrowser
from typing import TYPE_CHECKING

from typer import Option

from tidings.analysis.own_seeds import own_folder
from tidings.base.settings import read_settings
from tidings.cli import signals
from tidings.cli.lake import find_lake
from tidings.cli.terminal import ReleaseName, UserError
from tidings.storage.release import released_file
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from tidings.analysis.explore.saved import SavedQuestions

_PAUSE = 5  # seconds between two looks for the first release


def explore(
    port: int = Option(
        8650, min=0, max=65535, help="Port of the page on 127.0.0.1; 0 means any free port."
    ),
    release: ReleaseName = None,
    is_opened: bool = Option(True, "--open/--no-open", help="Open the page in the browser."),
    is_waiting: bool = Option(False, "--wait", help="Wait for the first release if there is none."),
    is_saving: bool | None = Option(
        None,
        "--save/--no-save",
        help="Let the page save and delete questions. By default it may, if the server has no"
        " public address (TIDINGS_LISTEN, TIDINGS_ORIGINS).",
        show_default=False,
    ),
) -> None:
    """Open a page with charts of themes, outlets, speakers or any words, and the articles behind
    them.

    The command serves the page on this machine only, until Ctrl-C, and only reads the release.
    Words may have operators: `climate AND (tax OR levy) NOT carbon`, `tax NEAR/5 climate`.
    `/api` offers the same answers as JSON, CSV and XLSX: see docs/explore.md. When a nightly run
    makes a release, the page shows it.
    """
    from tidings.analysis.explore.server import serve_explore

    def show(url: str) -> None:
        signals.unwatch()  # Ctrl-C is the usual end of this command
        print(f"Open this URL in a browser: {url}\nPress Ctrl-C to stop.", flush=True)
        if is_opened:
            webbrowser.open(url)

    lake = find_lake()
    if is_waiting and not lake.release_file.exists():
        print(f"There is no release in {lake.name} yet; waiting for the first one.", flush=True)
        while not lake.release_file.exists():
            time.sleep(_PAUSE)
            lake = find_lake(is_silent=True)
    later = None if release else lake_of(read_settings()).release_file
    try:
        with released_file(lake, release) as path:
            serve_explore(path, port, show, later, _saved_questions(is_saving))
    except KeyboardInterrupt:
        print()
        signals.leave(0)


def _saved_questions(is_saving: bool | None) -> SavedQuestions:
    """Return the user's saved questions, which the page may change if it is permitted."""
    from tidings.analysis.explore.saved import SavedQuestions
    from tidings.base.origin_guard import LOOPBACK, listen_address

    settings = read_settings()
    folders = tuple(dict.fromkeys((*settings.seeds, own_folder(settings))))
    is_public = listen_address() != LOOPBACK or bool(os.environ.get("TIDINGS_ORIGINS"))
    refusal = ""
    if is_saving is False:
        refusal = "This server only reads: start tidings explore without --no-save."
    elif is_public and not is_saving:
        refusal = (
            "This server has a public address: start tidings explore with --save, if every visitor"
            " may save and delete questions."
        )
    return SavedQuestions(folders, refusal)


def mcp(
    release: ReleaseName = None,
) -> None:
    """Answer an assistant's questions about a release with figures, SQL and sources, over standard
    input and output.

    An assistant that supports the Model Context Protocol starts this command. Its tools only read
    the release: describe, query, share_over_time, change, mentions, events, who_said and coverage.
    It needs the extra mcp.

    Example of a configuration: `{"mcpServers": {"tidings": {"command": "tidings", "args":
    ["mcp"]}}}`
    """
    try:
        from tidings.analysis.explore.assistant import create_server
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mcp"):
            raise
        raise UserError(
            "`tidings mcp` needs the extra mcp: install Tidings again as `tidings[mcp]`, or from"
            " its wheel as `FILE.whl[mcp]`."
        ) from error
    from tidings.analysis.explore.database import ReleaseReader

    with released_file(find_lake(is_silent=True), release) as path:
        reader = ReleaseReader(path, None if release else lake_of(read_settings()).release_file)
        signals.unwatch()  # the assistant ends this command
        create_server(reader.get).run()
