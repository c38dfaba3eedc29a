"""A small newsroom, and a warehouse that can be restored from copies."""

import contextlib
import csv
import dataclasses
import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.flows.nights import settings_for
from tidings import demo
from tidings.fetch.window import Window
from tidings.storage.lake import Lake, open_lake

FEEDS = ("sample_bulletin_de", "sample_agency_zh", "sample_ministry_list", "sample_gazette_sitemap")
WINDOW = Window(dt.date(2026, 6, 1), dt.date(2026, 6, 12))
BEFORE, NOW = "2026-06-08T20:00:00+00:00", "2026-06-12T20:00:00+00:00"
OWN_SEEDS = str(Path(demo.__file__).parent / "seeds")
MAX_SECONDS = 1800  # time limit of a run in seconds, on a busy machine


@contextlib.contextmanager
def newsroom(folder: Path, now: Any = NOW) -> Iterator[Any]:
    """Serve the sample newsroom in a process with its clock at ``now``, and yield its port."""
    kept = folder / "port.txt"
    log = (folder / "newsroom.log").open("w")
    listed = folder / "all.csv"
    command = [
        sys.executable,
        "-m",
        "tidings.demo",
        "--port",
        kept.read_text() if kept.exists() else "0",
        "--now",
        now,
        "--feeds",
        str(listed),
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = server.stdout.readline()
        port = line.rsplit(":", 1)[1].strip()
        kept.write_text(port)
        yield int(port)
    finally:
        server.terminate()
        server.wait(30)
        log.close()


@dataclass
class Scene:
    """A folder with a feed list, the warehouse of the runs, and copies of it."""

    folder: Path
    port: int
    feeds: tuple[str, ...] = FEEDS
    seeds: str = OWN_SEEDS
    longest: float = MAX_SECONDS

    @property
    def lake(self) -> Any:
        return Lake(self.folder / "data")

    def settings(self) -> Any:
        with (self.folder / "all.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        listed = self.folder / "feeds.csv"
        with listed.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(row for row in rows if row["feed_id"] in self.feeds)
        hosts = [f"127.0.2.{number}:{self.port}" for number in range(1, 6)]
        return dataclasses.replace(
            settings_for(self.lake.root, listed, hosts, self.seeds, is_new=True), workers=1
        )

    def keep(self, name: Any) -> None:
        """Copy the warehouse, to restore it in the same folder, whose path the catalog contains."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        if self.lake.root.exists():
            shutil.copytree(self.lake.root, self.folder / name)

    def begin(self, name: Any) -> None:
        shutil.rmtree(self.lake.root, ignore_errors=True)
        if (self.folder / name).exists():
            shutil.copytree(self.folder / name, self.lake.root)

    def change_seeds(self) -> None:
        """Change the lists as a user would: a phrase of the pages, a rule that drops paragraphs."""
        extra = self.folder / "seeds"
        extra.mkdir(exist_ok=True)
        with open_lake(self.lake, read_only=True) as con:
            ((phrase, publisher),) = con.execute(
                "select regexp_extract(body_text, '[A-Z][a-z]+ [a-z]{5,}'), publisher_id from"
                " core.articles where language = 'de' order by url limit 1"
            ).fetchall()
        (extra / "theme_phrases.csv").write_text(
            "phrase_id,theme_id,language,phrase,match_type,role,requires_any,window_chars,exclude_regex,valid_from,valid_to,"
            f"source,reviewed_by\nfault-de-1,digital_economy,de,{phrase},phrase,include,,,,,,test,\n",
            encoding="utf-8",
        )
        (extra / "extraction_rules.csv").write_text(
            "rule_id,publisher_id,url_pattern,title,body,date,date_format,author,section,drop,excluded,valid_from,valid_to,note\n"
            f"fault_rule,{publisher},.*,,,,,,,p:last-of-type,,,,test\n",
            encoding="utf-8",
        )
        self.seeds = os.pathsep.join([OWN_SEEDS, str(extra)])
