"""The tutorial's commands run in order, from an empty home to a new theme in a new feed."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.flows.nights import copy_prefect_database
from tests.flows.serving import clean_environment
from tidings.storage.lake import Lake

# two nightly runs, on a machine that may be busy
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
WAIT = """
for _ in $(seq 100); do
  python3 -c 'import socket; socket.create_connection(("127.0.0.1", 8710), 1)' 2>/dev/null && break
  sleep 0.1
done
"""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the output of each block of the tutorial, and the home folder, which is empty except
    for Prefect's database.
    """
    home = tmp_path_factory.mktemp("home")
    copy_prefect_database(Lake(home / "tidings" / "data").prefect.parent)
    programs = home / "bin"
    programs.mkdir()
    (programs / "tidings").write_text(
        f'#!/bin/sh\nexec {sys.executable} -m tidings.cli "$@"\n', encoding="utf-8"
    )
    (programs / "tidings").chmod(0o755)
    kept = clean_environment()
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), kept["PATH"]])
    with socket.socket() as free:  # the port in the tutorial may be in use
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = ["set -eu"]
    for number, block in enumerate(BLOCKS):
        script += [f"echo '=== {number}'", block.replace("8710", port)]
        # a script is faster than a person: wait until the server listens
        if "http.server" in block:
            script += ["server=$!", "trap 'kill $server' EXIT", WAIT.replace("8710", port)]
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-c", "\n".join(script)],
        cwd=home,
        env=kept | {"HOME": str(home), "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "140"},
        capture_output=True,
        text=True,
        check=False,
        timeout=850,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    outputs = re.split(r"^=== \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    return outputs, home


def _output_of(walked: Any, words: Any) -> Any:
    """Return the output of the block that contains these words."""
    place = next(number for number, block in enumerate(BLOCKS) if words in block)
    return walked[0][place]


def test_outputs_are_those_of_the_tutorial(walked: Any) -> None:
    """The check finds three entries, the run one outlet with three articles and no theme, the
    preview three matches in two of them, and the doctor the age of the run.
    """
    output = _output_of(walked, "tidings feeds check")
    assert "3 entries" in output
    assert "2026-03-04" in output
    output = _output_of(walked, "tidings nightly")
    assert re.search(r"Harbour Notes.*\b3\b", output)
    assert "No article of the last 28 days is about a theme" in " ".join(output.split())
    assert "3 matches in 2 articles: Harbour Notes 2." in _output_of(
        walked, 'tidings phrase "quiet harbours"\n'
    )
    assert "made release" in _output_of(walked, "--accept")
    assert "last run" in _output_of(walked, "tidings doctor")


def test_the_theme_is_counted(walked: Any) -> None:
    """The theme matches two of three articles, and its rows are in the user's own files."""
    outputs, home = walked
    assert "quiet_harbours" in (home / "tidings" / "seeds" / "themes.csv").read_text(
        encoding="utf-8"
    )
    assert "quiet harbours" in (home / "tidings" / "seeds" / "theme_phrases.csv").read_text(
        encoding="utf-8"
    )
    with duckdb.connect(home / "tidings" / "data" / "tidings.duckdb", read_only=True) as con:
        counted = con.execute(
            "select article_count, total_count from marts.theme_monthly where theme_id ="
            " 'quiet_harbours'"
        ).fetchall()
    assert counted == [(2, 3)]
    assert (home / "tidings" / "data" / "report" / "themes" / "quiet_harbours.html").is_file()
    assert "a matter of health" in "".join(outputs)
