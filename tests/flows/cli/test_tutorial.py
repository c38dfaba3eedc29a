"""The tutorial's lines run in their order, from an empty home folder to a theme of one's own in one's own feed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.timeout(900)  # two nights, on a machine that may do much else

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "tutorial.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
WAIT = """
for _ in $(seq 100); do
  python3 -c 'import socket; socket.create_connection(("127.0.0.1", 8710), 1)' 2>/dev/null && break
  sleep 0.1
done
"""


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """What each block of the tutorial printed, and the home folder that it left."""
    home = tmp_path_factory.mktemp("home")
    programs = home / "bin"
    programs.mkdir()
    (programs / "tidings").write_text(f'#!/bin/sh\nexec {sys.executable} -m tidings.flows.cli "$@"\n', encoding="utf-8")
    (programs / "tidings").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIDINGS_", "PREFECT_"))}
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), kept["PATH"]])
    with socket.socket() as free:  # the page's own port may be taken where the test runs
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = ["set -eu"]
    for number, block in enumerate(BLOCKS):
        script += [f"echo '=== {number}'", block.replace("8710", port)]
        if "http.server" in block:  # a person takes longer than a script
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
    told = re.split(r"^=== \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    return told, home


def _told_after(walked, words):
    """What the block that holds these words printed."""
    place = next(number for number, block in enumerate(BLOCKS) if words in block)
    return walked[0][place]


def test_the_check_finds_the_entries(walked):
    """The feed's check tells its three entries and the day of the newest."""
    told = _told_after(walked, "tidings feeds check")
    assert "3 entries" in told
    assert "2026-03-04" in told


def test_the_night_finds_three_articles(walked):
    """The night tells one outlet with three articles, and that no theme was met, with what to do about it."""
    told = _told_after(walked, "tidings nightly")
    assert re.search(r"Harbour Notes.*\b3\b", told)
    assert "No theme of the word list was met" in " ".join(told.split())


def test_the_phrase_is_shown_before_it_is_counted(walked):
    """Three hits in two articles, in any letter case."""
    assert "3 hits in 2 articles of 1 outlet," in _told_after(walked, 'tidings phrase "quiet harbours"\n')


def test_the_theme_is_counted(walked):
    """The theme hits two of three articles, its mentions stand in their words, and the rows are in the person's own files."""
    told, home = walked
    assert "quiet_harbours" in (home / "tidings" / "seeds" / "themes.csv").read_text(encoding="utf-8")
    assert "quiet harbours" in (home / "tidings" / "seeds" / "theme_phrases.csv").read_text(encoding="utf-8")
    with duckdb.connect(home / "tidings" / "data" / "tidings.duckdb", read_only=True) as con:
        counted = con.execute(
            "select article_count, total_count from marts.theme_monthly where theme_id = 'quiet_harbours'"
        ).fetchall()
    assert counted == [(2, 3)]
    assert (home / "tidings" / "data" / "report" / "themes" / "quiet_harbours.html").is_file()
    assert "a matter of health" in "".join(told)


def test_the_doctor_tells_the_nights_age(walked):
    """The tutorial's night stands in March, and the doctor says so."""
    assert "last night" in _told_after(walked, "tidings doctor")
