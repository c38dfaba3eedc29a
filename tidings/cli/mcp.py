"""``tidings mcp``: answer an assistant's questions about a release."""

from __future__ import annotations

from tidings.cli.lake import find_lake, require_release
from tidings.cli.terminal import ReleaseName, UserError
from tidings.storage.remote_lake import lake_of


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
    from tidings.cli import signals

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
    from tidings.base.settings import read_settings
    from tidings.storage.release import released_file

    with released_file(find_lake(is_silent=True), release) as path:
        require_release(path)
        reader = ReleaseReader(path, None if release else lake_of(read_settings()).release_file)
        signals.unwatch()  # the assistant ends this command
        create_server(reader.get).run()
