"""Faults other than kills: each function causes a fault and returns the problems after it."""

import contextlib
import os
import pickle
import resource
import shutil
import subprocess
from typing import Any

from tests.faults.runs import Part, begin_after_a_night, run
from tests.faults.scene import Scene
from tests.faults.verdict import check_file, check_release, differences, rows
from tidings.base.records import Capture
from tidings.storage.lake import open_lake
from tidings.storage.load import read_records

MOUNT, UNMOUNT = shutil.which("mount") or "/bin/mount", shutil.which("umount") or "/bin/umount"
EARLIER = "2026-06-05T20:00:00+00:00"


class NotTriedError(Exception):
    """The fault cannot be caused on this machine; the message states the reason."""


def _mount(*arguments: Any) -> None:
    done = subprocess.run([MOUNT, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotTriedError(f"this machine does not let us mount: {done.stderr.strip()}")


def _undisturbed(scene: Scene) -> Any:
    """Return the rows after an undisturbed second night, and restore the state before it."""
    known = scene.folder / "undisturbed.pickle"
    begin_after_a_night(scene)
    if not known.exists():
        second = run(scene, "night")
        assert second.code == 0, second.error
        known.write_bytes(pickle.dumps(rows(scene)))
        begin_after_a_night(scene)
    return pickle.loads(known.read_bytes())  # noqa: S301 - our own


def _is_sentence(ended: Any) -> Any:
    """Return the problems with an error: a readable error has exactly one line."""
    text = ended.error.partition(": ")[2].strip()
    if ended.code == 0:
        return ["the run completed"]
    known = any(
        name in ended.error.partition(": ")[0]
        for name in ("WarehouseError", "OSError", "duckdb", "Permission", "Transforms")
    )
    return [] if text and known else [f"the error is {ended.error[:300]!r}"]


def _goes_on(scene: Scene, expected: Any) -> Any:
    broken = check_release(scene)
    ended = run(scene, "night")
    if ended.code:
        return [f"the next run failed: {ended.error[:300]}"]
    differing = differences(expected, rows(scene))
    return [
        str(problem) for problem in (broken, differing or None, check_release(scene)) if problem
    ]


def disk_full(scene: Scene) -> Any:
    """Limit the size of files, so that writes fail in the middle as on a full disk."""
    expected, wrong = _undisturbed(scene), []
    for size in (2_000, 30_000, 400_000):

        def limit(size: Any = size) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        begin_after_a_night(scene)
        ended = run(scene, "night", prepare_child=limit)
        wrong += [
            f"at {size} bytes: {problem}"
            for problem in (*_is_sentence(ended), *_goes_on(scene, expected))
        ]
    return wrong


def disk_full_for_real(scene: Scene) -> Any:
    """Mount a full file system of 200 MB in the warehouse's place."""
    expected = _undisturbed(scene)
    place, ballast = scene.lake.root, scene.lake.root / "ballast"
    scene.begin("nothing")
    place.mkdir()
    _mount("-t", "tmpfs", "-o", "size=200m", "tmpfs", place)
    wrong = []
    try:
        for room in (4_096, 100_000, 600_000):
            subprocess.run(["/bin/cp", "-r", f"{scene.folder / 'first'}/.", place], check=True)
            free = os.statvfs(place)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_bsize - room)
            problems = _is_sentence(run(scene, "night"))
            if broken := check_file(scene):  # the lake needs a little free space even for reading
                problems.append(broken)
            ballast.unlink()
            wrong += [
                f"with {room} bytes of room: {problem}"
                for problem in problems + _goes_on(scene, expected)
            ]
            for path in place.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    finally:
        subprocess.run([UNMOUNT, "-l", place], check=False)
    return wrong


def read_only_folder(scene: Scene) -> Any:
    """Make the warehouse read-only: by a mount for root, otherwise by permissions."""
    expected = _undisturbed(scene)
    place = str(scene.lake.root)
    with contextlib.ExitStack() as after:
        if os.geteuid() == 0:
            _mount("--bind", place, place)
            after.callback(subprocess.run, [UNMOUNT, "-l", place], check=False)
            _mount("-o", "remount,bind,ro", place)
        else:
            _allow(scene, 0o555, 0o444)
            after.callback(_allow, scene, 0o755, 0o644)
        wrong = _is_sentence(run(scene, "night"))
    return wrong + _goes_on(scene, expected)


def _allow(scene: Scene, folders: Any, files: Any) -> None:
    for path in (scene.lake.root, *scene.lake.root.rglob("*")):
        path.chmod(folders if path.is_dir() else files)


def corrupt_warc(scene: Scene) -> Any:
    """A stored page overwritten before cleaning gets a named outcome; other rows are correct."""
    expected = _undisturbed(scene)
    run(scene, "night", part=Part(until="clean"))  # the pages are stored and not cleaned
    with open_lake(scene.lake, read_only=True) as con:
        waiting = read_records(
            con,
            Capture,
            "kind in ('page', 'entry') and digest is not null and warc_file is not null and not"
            " is_revisit and capture_id not in (select capture_id from core.extractions)",
        )
    if not waiting:
        return ["no page was waiting"]
    path = scene.lake.archive / waiting[0].warc_file
    with path.open("r+b") as file:
        file.seek(waiting[0].warc_offset + 20)
        file.write(b"\xff" * 40)
    ended = run(scene, "night")
    if ended.code:
        return [f"the night failed: {ended.error[:300]}"]
    stored_rows = rows(scene)
    wrong = (
        []
        if "archive_damaged" in "".join(stored_rows["core.extractions"])
        else ["no outcome names the damage"]
    )
    lost = str(waiting[0].url)
    for table in ("core.articles", "core.extractions", "raw.captures", "raw.feed_entries"):
        differing = set(stored_rows[table]) ^ set(expected[table])
        wrong += [f"{table}: {row[:200]}" for row in differing if lost not in row]
    return wrong


def clock_backwards(scene: Scene) -> Any:
    """Run a night with a clock days back: it succeeds, and the articles are the same."""
    expected = _undisturbed(scene)
    ended = run(scene, "night", EARLIER)
    if ended.code:
        return [f"the night in the past failed: {ended.error[:300]}"]
    wrong = [problem for problem in (check_release(scene),) if problem]
    ended = run(scene, "night")
    if ended.code:
        return [*wrong, f"the night after failed: {ended.error[:300]}"]
    stored_rows = rows(scene)
    tables = ("core.articles", "marts.theme_mentions", "marts.theme_daily", "marts.stories")
    wrong += [
        f"{table} differs"
        for table in tables
        if sorted(stored_rows[table]) != sorted(expected[table])
    ]
    return wrong


OTHERS = {
    "disk full": disk_full,
    "disk full for real": disk_full_for_real,
    "read-only folder": read_only_folder,
    "corrupt WARC": corrupt_warc,
    "clock going backwards": clock_backwards,
}
