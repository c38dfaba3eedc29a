"""Kill runs at many moments and compare the rows after the next run: ``python -m
tests.faults.run``.

Runs are killed at random moments, several times in a row, and at each commit and rename. For the
latter, an undisturbed run is stopped at each moment to fingerprint the warehouse on disk; a moment
with the same fingerprint as the previous one is skipped. Kills in the last stage start from a copy
of the warehouse before this stage.

--modes night,refetch,reprocess,retag,maintain  kinds of runs
--ways last,random,early                        kills in the last stage, at random moments, earlier
--kills 25                                      number of random moments per mode
--short                                         only kill one night four times, as in CI
--folder DIR                                    keep all files there; a repeated call continues
"""

import argparse
import contextlib
import dataclasses
import json
import pickle
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.others import OTHERS, NotTriedError
from tests.faults.runs import (
    ORDER,
    WHOLE,
    Part,
    audited_before,
    begin_after_a_night,
    kill_after,
    run,
)
from tests.faults.scene import Scene, newsroom
from tests.faults.verdict import check_end, check_release, differences, rows, shown
from tidings.stages.audit import AuditResult

AT_RANDOM, IN_LAST_STAGE = 5, 12  # kills in a row before a complete run

SHORT = (
    "obtain: after rename 1",
    "model: before commit 1",
    "model: after commit 1",
    "release: before rename 1",
)
SHORT_LONGEST = 150  # time limit of a run in seconds; it takes about ten


class Kills:
    """The results of the kills, stored in a file so that a repeated call continues."""

    def __init__(self, options: Any, folder: Path) -> None:
        self.options = options
        self._file = folder / "kills.json"
        record = (
            json.loads(self._file.read_text())
            if self._file.exists()
            else {"count": {}, "wrong": [], "over": []}
        )
        self.count, self.wrong, self.over = (
            Counter(record["count"]),
            record["wrong"],
            record["over"],
        )

    def note(self, what: Any, problem: Any) -> None:
        self.wrong.append(f"{what}: {problem}")
        say(f"WRONG  {what}: {problem}")

    @contextlib.contextmanager
    def once(self, name: Any) -> Iterator[Any]:
        """Yield whether a test is still pending, and record that it is done."""
        if name in self.over:
            yield False
            return
        yield True
        self.over.append(name)
        self._file.write_text(
            json.dumps({"count": self.count, "wrong": self.wrong, "over": self.over})
        )
        say(f"{name}: done, wrong so far {len(self.wrong)}")


@dataclasses.dataclass(frozen=True)
class Undisturbed:
    """An undisturbed run: its rows, CPU seconds, audit, and the moments that change the disk."""

    rows: dict[str, Any]
    seconds: float
    audited: object
    seeds: str
    early: list[str]
    last: list[str]


def say(text: Any) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)  # noqa: T201 - it is a program


def well(ended: Any) -> Any:
    assert ended.code == 0, ended.error
    return ended


def set_scene(scene: Scene, mode: Any) -> Any:
    """Copy the warehouse at the start of a mode and before its last stage, and list the mode's
    moments.

    Results that ``--folder`` already contains are reused.
    """
    known = scene.folder / f"{mode}.pickle"
    if known.exists():
        undisturbed = pickle.loads(known.read_bytes())  # noqa: S301 - our own
        scene.seeds = undisturbed.seeds
        return undisturbed
    begin_after_a_night(scene)
    if mode != "night":
        if mode == "maintain":
            well(run(scene, "night"))
        scene.change_seeds()
        scene.keep(f"{mode}-start")
    scene.begin(f"{mode}-start")
    first = well(run(scene, mode, part=Part(until=ORDER[mode][-1]), mapped=True))
    scene.keep(f"{mode}-last")
    second = well(run(scene, mode, part=Part(since=ORDER[mode][-1]), mapped=True))
    audited = audited_before(scene) if mode != "maintain" else None
    seconds = first.seconds + second.seconds
    undisturbed = Undisturbed(
        rows(scene), seconds, audited, scene.seeds, telling(first), telling(second)
    )
    known.write_bytes(pickle.dumps(undisturbed))
    say(
        f"{mode}: undisturbed {seconds:.1f} s of CPU; before the last stage"
        f" {len(undisturbed.early)} of {len(first.moments)} commits and renames change the disk,"
        f" in it {len(undisturbed.last)} of {len(second.moments)}"
    )
    return undisturbed


def telling(ended: Any) -> Any:
    """Return the names of the moments with a change on disk since the previous moment."""
    pairs = zip(ended.moments, ended.states, ["", *ended.states], strict=False)
    return [name for name, state, before in pairs if state != before]


def recover(
    scene: Scene, mode: Any, kills: Any, undisturbed: Any, *, what: Any, part: Any = WHOLE
) -> None:
    """Complete the run undisturbed, compare the rows, and record the problems."""
    if broken := check_release(scene):
        kills.note(what, broken)
    ended = run(scene, mode, part=part)
    kills.count["runs after kills"] += 1
    if ended.code != 0:
        kills.note(what, f"the next run failed: {ended.error[:300]}")
        return
    stored_rows = rows(scene)
    if differing := differences(undisturbed.rows, stored_rows):
        kills.note(what, f"rows differ: {shown(differing, undisturbed.rows, stored_rows)}")
        scene.keep(f"wrong-{len(kills.wrong)}")
    if broken := check_end(scene):
        kills.note(what, f"at the end: {broken}")


def kill_at_random(scene: Scene, mode: Any, kills: Any, undisturbed: Any) -> None:
    """Kill complete runs at random moments, some in a row, and let a complete run follow."""
    for start in range(0, kills.options.kills, AT_RANDOM):
        with kills.once(f"{mode}, random kills from {start}") as is_due:
            if is_due:
                scene.begin(f"{mode}-start")
                moments = kill_in_a_row(
                    scene,
                    mode,
                    min(AT_RANDOM, kills.options.kills - start),
                    undisturbed.seconds,
                    start,
                )
                kills.count[f"{mode}, random kills"] += len(moments)
                part = Part(audited=undisturbed.audited)
                recover(
                    scene,
                    mode,
                    kills,
                    undisturbed,
                    what=f"{mode} killed after {', '.join(moments)}",
                    part=part,
                )


def kill_in_a_row(scene: Scene, mode: Any, count: int, seconds: float, seed: Any) -> Any:
    """Kill ``count`` runs in a row, again if one ends before its moment; return the moments."""
    chance = random.Random(f"{mode} {seed}")
    moments: list[str] = []
    while len(moments) < count:
        moment = chance.uniform(0.02, 0.9) * seconds
        if kill_after(scene, mode, moment):
            moments.append(f"{moment:.2f} s")
        else:
            scene.begin(f"{mode}-start")
    return moments


def kill_early(scene: Scene, mode: Any, kills: Any, undisturbed: Any) -> None:
    """Kill a run at each moment before its last stage, and let a complete run follow."""
    for point in undisturbed.early:
        with kills.once(f"{mode}, killed at {point}") as is_due:
            if is_due:
                scene.begin(f"{mode}-start")
                kill_once(scene, mode, kills, point, WHOLE)
                part = Part(audited=undisturbed.audited)
                recover(
                    scene, mode, kills, undisturbed, what=f"{mode} killed at {point}", part=part
                )


def kill_in_last_stage(scene: Scene, mode: Any, kills: Any, undisturbed: Any) -> None:
    """Kill the last stage at each moment, some in a row, then complete it; last after others."""
    points = undisturbed.last
    part = Part(since=ORDER[mode][-1], audited=undisturbed.audited)
    for start in range(0, len(points), IN_LAST_STAGE):
        some = points[start : start + IN_LAST_STAGE]
        with kills.once(f"{mode}, killed in its last stage from {some[0]}") as is_due:
            if not is_due:
                continue
            scene.begin(f"{mode}-last")
            alone = [point for point in some if not kill_once(scene, mode, kills, point, part)]
            is_last = start + IN_LAST_STAGE >= len(points)
            recover(
                scene,
                mode,
                kills,
                undisturbed,
                what=f"{mode} killed at {some}",
                part=WHOLE if is_last else part,
            )
            # the run after a kill has no such moment, or it is part of the audit
            for point in alone:
                scene.begin(f"{mode}-last")
                if not kill_once(
                    scene, mode, kills, point, dataclasses.replace(part, audited=None)
                ):
                    kills.note(f"{mode} at {point}", "no run came there")
                recover(
                    scene, mode, kills, undisturbed, what=f"{mode} killed at {point}", part=part
                )


def kill_once(scene: Scene, mode: Any, kills: Any, point: Any, part: Any) -> Any:
    ended = run(scene, mode, at=point, part=part)
    was_killed = ended.code == -9
    kills.count[f"{mode}, kills at commits and renames"] += was_killed
    if not was_killed and ended.code != 0:
        kills.note(f"{mode} on the way to {point}", ended.error[:300])
    return was_killed


WAYS = {"last": kill_in_last_stage, "random": kill_at_random, "early": kill_early}


def short(kills: Any, folder: Path, port: Any) -> None:
    """Kill a night four times in a row: before pages are indexed, before and after the commit of
    the models, and before a rename. The warehouse begins as the folder "reference", if it exists.

    The audit is not run, since no kill occurs during it.
    """
    feeds = ("sample_bulletin_de", "sample_ministry_list")
    scene, audited = Scene(folder, port, feeds, longest=SHORT_LONGEST), AuditResult(1)
    scene.begin("reference")
    first = well(run(scene, "night", part=Part(audited=audited)))
    undisturbed = Undisturbed(rows(scene), first.seconds, audited, scene.seeds, [], [])
    scene.begin("reference")
    for point in SHORT:
        if not kill_once(scene, "night", kills, point, Part(audited=audited)):
            kills.note(f"night at {point}", "no run came there")
    recover(
        scene,
        "night",
        kills,
        undisturbed,
        what=f"night killed at {SHORT}",
        part=Part(audited=audited),
    )


def do_all(kills: Any, folder: Path, port: Any) -> None:
    """Run the selected tests that are not done yet."""
    options = kills.options
    for mode in filter(None, options.modes.split(",")):
        scene = Scene(folder, port)
        undisturbed = set_scene(scene, mode)
        for way in options.ways.split(","):
            WAYS[way](scene, mode, kills, undisturbed)
    for fault in filter(None, options.others.split(",")):
        try:
            do_other(kills, fault, Scene(folder, port))
        except NotTriedError as error:
            say(f"{fault}: not tried, {error}")


def do_other(kills: Any, fault: Any, scene: Scene) -> None:
    """Cause another fault than a kill, and record the problems after it."""
    with kills.once(fault) as is_due:
        if is_due:
            for problem in OTHERS[fault](scene):
                kills.note(fault, problem)


def main() -> Any:
    """Run the tests and return the exit status: 0 if no row differed."""
    # also stop the newsroom and the current run
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--modes", default=",".join(ORDER))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--others", default=",".join(OTHERS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as kept:
        folder = options.folder or Path(
            kept.enter_context(tempfile.TemporaryDirectory(prefix="tidings-faults-"))
        )
        folder.mkdir(exist_ok=True)
        kills = Kills(options, folder)
        with newsroom(folder) as port:
            (short if options.short else do_all)(kills, folder, port)
    for what, count in kills.count.items():
        say(f"{what}: {count}")
    say("\n".join([f"{len(kills.wrong)} differences", *kills.wrong]))
    return 1 if kills.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
