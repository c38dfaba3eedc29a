"""``tidings fetch`` requests URLs with all safety limits."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tidings.version import __version__

RUNNER = Path(__file__).parents[3] / "shared" / "torture" / "run.py"
COMMAND = [sys.executable, "-m", "tidings.cli", "fetch"]


def _run(routes: Any, *arguments: Any) -> Any:
    """Run the command against a server (``/…``); return status, JSON lines, errors and server."""

    async def run() -> Any:
        async with serving(routes) as server:
            urls = [
                server.origin + argument if argument.startswith("/") else argument
                for argument in arguments
            ]
            done = await asyncio.create_subprocess_exec(
                *COMMAND,
                *urls,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=os.environ
                | {
                    "TIDINGS_ALLOW_HOSTS": f"127.0.0.1:{server.port}",
                    "TIDINGS_CONTACT": "mailto:a@example.org",
                },
            )
            out, err = await done.communicate()
            return (
                done.returncode,
                [json.loads(line) for line in out.decode().splitlines()],
                err.decode(),
                server,
            )

    return asyncio.run(run())


def test_each_url_yields_one_line() -> None:
    """Each line has the URL as given and its outcome; failures do not change the exit status."""
    code, lines, _, server = _run(
        {"/a": reply(200, rss(item(1))), "/b": reply(429, b"", "Retry-After: 60"),
         "/c": reply(200, rss(item(2)))},
        "--expect", "feed", "/a", "/b", "/c#part", "http://10.0.0.1/",
    )  # fmt: skip
    assert code == 0
    found = {line["url"]: line for line in lines}
    assert {url.rpartition("/")[2]: line["outcome"] for url, line in found.items()} == {
        "a": "ok", "b": "throttled", "c#part": "ok", "": "blocked",
    }  # fmt: skip
    assert found[server.origin + "/a"] == {
        "url": server.origin + "/a",
        "outcome": "ok",
        "status": 200,
        "final_url": server.origin + "/a",
        "bytes": len(rss(item(1))),
        "error": None,
    }
    assert found["http://10.0.0.1/"]["error"].endswith(".")
    assert {entry["headers"]["user-agent"] for entry in server.log} == {
        f"Tidings/{__version__} (+mailto:a@example.org)"
    }


def test_robots_are_obeyed() -> None:
    """The command makes no request that the robots file disallows."""
    robots = reply(200, b"User-agent: *\nDisallow: /a", kind="text/plain")
    _, lines, _, server = _run({"/robots.txt": robots, "/a": reply(200, rss(item(1)))}, "/a")
    assert lines[0]["outcome"] == "robots_denied"
    assert server.request_count("/a") == 0


@pytest.mark.slow
@pytest.mark.skipif(not RUNNER.exists(), reason="the hostile server is not beside this checkout")
def test_every_hostile_case_has_the_expected_outcome() -> None:
    """All cases of the hostile server have the expected outcome, with less than 200 MB."""
    done = subprocess.run(
        [sys.executable, str(RUNNER), "--", *COMMAND, "--expect", "feed", "--deadline", "4"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_signing_key_is_made_with_what_to_publish(command: Any, tmp_path: Path) -> None:
    """The command states where to publish the public key, and does not replace a key."""
    file = tmp_path / "key.json"
    made = command("signing-key", "https://agent.example", file)
    well_known = "https://agent.example/.well-known/http-message-signatures-directory"
    assert f"at {well_known}\n" in made.stdout
    assert f"TIDINGS_SIGNING_KEY={file}" in made.stdout
    again = command("signing-key", "https://agent.example", file)
    assert (again.returncode, again.stderr) == (
        1,
        f"tidings: {file} cannot be written: File exists.\n",
    )
