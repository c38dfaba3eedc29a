"""A small newsroom, the runs upon it, each in a forked process that can be killed, and what must hold afterwards."""

import contextlib
import csv
import dataclasses
import datetime as dt
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.moments import moments, set_up

set_up()

import duckdb  # noqa: E402

import sample  # noqa: E402
import transforms.plugin  # noqa: E402, F401 - what a run imports late, a forked process need not import again
from flows.stages.clean import clean, reprocess  # noqa: E402
from flows.stages.discover import discover  # noqa: E402
from flows.stages.maintain import maintain  # noqa: E402
from flows.stages.obtain import obtain  # noqa: E402
from flows.stages.poll import poll  # noqa: E402
from flows.stages.prepare import prepare, registry_of  # noqa: E402
from flows.stages.release import audit, model, release  # noqa: E402
from flows.stages.run import start_run  # noqa: E402
from flows.steps.window import Window  # noqa: E402
from tests.flows.nights import contents, settings_for  # noqa: E402
from transforms.run import AuditResult, Failure  # noqa: E402
from warehouse.lake import Lake, opened, writing  # noqa: E402
from warehouse.reading import open_release  # noqa: E402
from warehouse.release import last_release  # noqa: E402
from warehouse.release_file import file_release  # noqa: E402
from warehouse.upkeep import Keep  # noqa: E402

FEEDS = ("sample_bulletin_de", "sample_agency_zh", "sample_ministry_list", "sample_gazette_sitemap")
WINDOW = Window(dt.date(2026, 6, 1), dt.date(2026, 6, 12))
BEFORE, NOW = "2026-06-08T20:00:00+00:00", "2026-06-12T20:00:00+00:00"
MODES = ("night", "refetch", "reprocess", "retag")
OWN_SEEDS = str(Path(sample.__file__).parent / "seeds")
LONGEST = 900  # seconds that one run may take on a busy machine
LATE = 124  # how a run ended that took longer, as timeout(1) has it


@contextlib.contextmanager
def newsroom(folder, now=NOW):
    """Serve the sample newsroom in a process of its own, its clock at ``now``, and yield its port, the one that it had before."""
    kept = folder / "port.txt"
    log = (folder / "newsroom.log").open("w")
    listed = folder / "all.csv"
    command = [
        sys.executable,
        "-m",
        "sample",
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
    """A folder with a feed list, the warehouse that runs write, and copies of it to begin from."""

    folder: Path
    port: int
    feeds: tuple = FEEDS
    seeds: str = OWN_SEEDS
    told: list = field(default_factory=list)
    longest: float = LONGEST

    @property
    def lake(self):
        return Lake(self.folder / "data")

    def settings(self):
        with (self.folder / "all.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        listed = self.folder / "feeds.csv"
        with listed.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(row for row in rows if row["feed_id"] in self.feeds)
        hosts = [f"127.0.2.{number}:{self.port}" for number in range(1, 6)]
        return dataclasses.replace(settings_for(self.lake.root, listed, hosts, self.seeds), workers=1)

    def keep(self, name):
        """Keep the warehouse as it is now, to begin from it again; its folder's name stays, for the catalog tells it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        if self.lake.root.exists():
            shutil.copytree(self.lake.root, self.folder / name)

    def keep_parsed(self, name):
        """Keep of the warehouse only what dbt parsed, so that a run from nothing need not parse again."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        kept = Path("work", "target", "partial_parse.msgpack")
        (self.folder / name / kept).parent.mkdir(parents=True)
        shutil.copy(self.lake.root / kept, self.folder / name / kept)

    def begin(self, name):
        shutil.rmtree(self.lake.root, ignore_errors=True)
        if (self.folder / name).exists():
            shutil.copytree(self.folder / name, self.lake.root)

    def change_seeds(self):
        """Change the lists as a person would: a phrase that the pages hold, and a rule that drops a paragraph."""
        extra = self.folder / "seeds"
        extra.mkdir(exist_ok=True)
        with opened(self.lake, read_only=True) as con:
            phrase, publisher = con.execute(
                "select regexp_extract(body_text, '[A-Z][a-z]+ [a-z]{5,}'), publisher_id from core.articles"
                " where language = 'de' order by url limit 1"
            ).fetchone()
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


ORDER = {
    "night": ("prepare", "poll", "obtain", "clean", "release"),
    "refetch": ("prepare", "discover", "obtain", "clean", "release"),
    "reprocess": ("prepare", "reprocess", "release"),
    "retag": ("prepare", "release"),
    "maintain": ("prepare", "maintain"),
}


@dataclass(frozen=True)
class Part:
    """Which stages of a mode a run does: from ``since`` to before ``until``, to the end where that is empty.

    ``audited`` is what an undisturbed run's audit came to: a run that is given it does not ask dbt's tests again.
    """

    since: str = "prepare"
    until: str = ""
    audited: AuditResult | None = None


WHOLE = Part()


def work(scene, mode, now=NOW, part=WHOLE):
    """Do one run here, as plain functions in the flows' order; its last stage models, audits and releases."""
    run = start_run(scene.settings(), now=dt.datetime.fromisoformat(now), run_id="fault")
    feeds = registry_of(run.settings)[0]
    window = WINDOW if mode == "refetch" else None
    stages = {
        "prepare": lambda: prepare(run),
        "poll": lambda: poll(run, feeds),
        "discover": lambda: discover(run, feeds, WINDOW),
        "obtain": lambda: obtain(run, feeds, window),
        "clean": lambda: clean(run),
        "reprocess": lambda: reprocess(run, sorted({feed.publisher_id for feed in feeds}), WINDOW),
        "maintain": lambda: maintain(run, Keep(nights=1, grace=dt.timedelta(0))),
        "release": lambda: finish(scene, run, part),
    }
    order = ORDER[mode]
    for name in order[order.index(part.since) : order.index(part.until) if part.until else None]:
        moments.stage = name
        stages[name]()


def finish(scene, run, part):
    """Model, audit and release, and leave behind how many tests passed and warned."""
    with writing(run.lake):
        model(run)
        audited = part.audited or audit(run)
        (scene.folder / "audited.txt").write_text(f"{audited.passed} {len(audited.warned)}")
        release(run, audited)


def audited_before(scene):
    """Return what the last run's audit came to."""
    passed, warned = map(int, (scene.folder / "audited.txt").read_text().split())
    return AuditResult(passed, (Failure("known", "as in the undisturbed run"),) * warned, (), 0.0)


@dataclass(frozen=True)
class Ended:
    """How a forked run ended: its exit code (negative: the signal; LATE), the error's own words, and the moments it passed.

    ``states`` holds, for a run that was mapped, a fingerprint of what a kill at each moment would leave.
    """

    code: int
    error: str
    moments: list
    seconds: float
    states: list


def start(scene, mode, now=NOW, *, at=None, part=WHOLE, prepare_child=lambda: None, mapped=False):
    """Set the newsroom's clock, fork a run and return its process id; at the moment named ``at`` it kills itself."""
    urllib.request.urlopen(f"http://127.0.2.1:{scene.port}/_clock?{urllib.parse.urlencode({'now': now})}", timeout=60).close()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        moments.begin(at, mapped=mapped)
        with (scene.folder / "child.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        (scene.folder / "error.txt").write_text("")
        prepare_child()
        work(scene, mode, now, part)
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent is to hear of it
        with contextlib.suppress(OSError):
            (scene.folder / "error.txt").write_text(f"{type(error).__module__}.{type(error).__name__}: {error}")
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            (scene.folder / "moments.txt").write_text("\n".join(moments.names))
        os._exit(code)
    return 0


def wait(scene, pid):
    """Wait for a forked run and say how it ended; one that takes too long is killed, and that is a failure, no kill of ours."""
    began, states, late, done = time.monotonic(), [], "", 0
    try:
        while not done:
            done, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if done and os.WIFSTOPPED(status):
                states.append(state_of(scene))
                os.kill(pid, signal.SIGCONT)
                done = 0
            elif not done and not late and time.monotonic() - began > scene.longest:
                late = f"still at work after {scene.longest} s"
                stop(pid)
            elif not done:
                time.sleep(0.005)
    finally:
        stop(pid)  # its own workers, where it left any, and itself where this process was asked to end
    code = LATE if late else os.waitstatus_to_exitcode(status)
    passed = (scene.folder / "moments.txt").read_text().splitlines() if code in {0, 1} else []
    return Ended(code, late or (scene.folder / "error.txt").read_text(), passed, time.monotonic() - began, states)


def state_of(scene):
    """Return a fingerprint of the warehouse on disk: every file but dbt's own, and the rows of the catalog."""
    root, catalog = scene.lake.root, scene.lake.catalog
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.is_file() and inside[:2] not in {("work", "target"), ("work", "logs")} and catalog.stem not in path.name:
            digest.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n".encode())
    if catalog.exists():
        with tempfile.TemporaryDirectory() as name:
            for path in catalog.parent.glob(f"{catalog.name}*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, name)
            with contextlib.closing(sqlite3.connect(Path(name) / catalog.name)) as con:
                tables = [row[0] for row in con.execute("select name from sqlite_master where type = 'table' order by 1")]
                for table in tables:
                    for row in con.execute(f'select * from "{table}"'):
                        digest.update(repr((table, row)).encode())
    return digest.hexdigest()


def stop(pid):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def run(scene, mode, now=NOW, **more):
    return wait(scene, start(scene, mode, now, **more))


def check_file(scene):
    """Return what is wrong with the release file that readers open, or None: it has the articles that its release names."""
    file = scene.lake.release_file
    if not file.exists():
        return None
    with duckdb.connect(file, read_only=True) as con:
        named = con.execute("select row_counts['core.articles'] from ops.releases order by snapshot_id desc limit 1").fetchone()
        found = con.execute("select count(*) from articles").fetchone()
    return None if named == found else f"the release file has {found} articles where its release names {named}"


def check_end(scene):
    """Return what is wrong with what readers see after a whole run, or None: the file is there, and of the last release."""
    if broken := check_release(scene):
        return broken
    with opened(scene.lake, read_only=True) as con:
        newest = last_release(con)
    if (found := file_release(scene.lake.release_file)) != newest.release_id:
        return f"the release file is of {found} where the last release is {newest.release_id}"
    return None


def check_release(scene):
    """Return what is wrong with what readers see, or None: the file is whole, and so is the last release in the lake."""
    lake = scene.lake
    if broken := check_file(scene):
        return broken
    if not lake.exists:
        return None
    with opened(lake, read_only=True) as con:
        there = con.execute("select 1 from duckdb_tables() where table_name = 'releases' and database_name = 'lake'").fetchone()
        newest = last_release(con) if there else None
    if newest is None:
        return None
    with open_release(lake, newest.release_id) as con:
        found = con.execute("select count(*) from articles").fetchone()
    if found != (newest.row_counts["core.articles"],):
        return f"release {newest.release_id} has {found} articles in the lake"
    return None


def differences(expected, found):
    """Return the tables whose rows differ, each with how many."""
    names = sorted(expected.keys() | found.keys())
    return {
        name: len(set(expected.get(name, [])) ^ set(found.get(name, [])))
        for name in names
        if sorted(expected.get(name, [])) != sorted(found.get(name, []))
    }


def rows(scene):
    return contents(scene.lake)


def kill_after(scene, mode, seconds):
    """Start a run and kill it and all that it started after some seconds; return whether it was still running."""
    pid = start(scene, mode)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            return False
        time.sleep(0.005)
    stop(pid)
    os.waitpid(pid, 0)
    return True


def chances(seed):
    return random.Random(seed)
