"""The fault harness in full: ``python -m tests.faults.run`` kills runs at many moments and compares what the next run leaves.

--modes night,refetch,reprocess,retag,maintain   which runs
--kills 25                                       random moments a run
--points 1                                       every n-th commit and rename, before and after; 0: none
--chain 1                                        kills in a row before the run that must put all right
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.harness import (
    BEFORE,
    MODES,
    Scene,
    chances,
    check_release,
    differences,
    kill_after,
    newsroom,
    rows,
    run,
)
from tests.faults.others import OTHERS


class Count:
    """Kills, and what differed."""

    def __init__(self):
        self.kills, self.runs, self.wrong = 0, 0, []


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)  # noqa: T201 - it is a program


def set_scene(scene, mode):
    """Bring the warehouse to where a mode begins, keep it, and return an undisturbed run's rows, seconds and moments."""
    scene.begin("nothing")
    if mode != "night":
        first = run(scene, "night", BEFORE)
        assert first.code == 0, first.error
        if mode == "maintain":
            second = run(scene, "night")
            assert second.code == 0, second.error
        scene.change_seeds()
    scene.keep(f"{mode}-start")
    ended = run(scene, mode)
    assert ended.code == 0, ended.error
    return rows(scene), ended


def recover(scene, mode, expected, count, what):
    """Run on undisturbed and compare; note what is wrong."""
    if broken := check_release(scene):
        count.wrong.append(f"{mode}, {what}: {broken}")
    ended = run(scene, mode)
    count.runs += 1
    if ended.code != 0:
        count.wrong.append(f"{mode}, {what}: the next run failed: {ended.error[:300]}")
        return
    if differing := differences(expected, rows(scene)):
        count.wrong.append(f"{mode}, {what}: rows differ: {differing}")
    if broken := check_release(scene):
        count.wrong.append(f"{mode}, {what}, at the end: {broken}")


def kill_at_random(scene, mode, options, count):
    expected, ended = set_scene(scene, mode)
    say(f"{mode}: undisturbed {ended.seconds:.1f} s, {ended.moments} moments at commits and renames")
    chance = chances(f"{mode} {options.seed}")
    done = 0
    while done < options.kills:
        scene.begin(f"{mode}-start")
        moments = []
        for _ in range(min(options.chain, options.kills - done)):
            moment = chance.uniform(0.02, 0.98) * ended.seconds
            was_running = kill_after(scene, mode, moment)
            count.kills += was_running
            done += 1
            moments.append(f"{moment:.2f} s" + ("" if was_running else " (over)"))
        recover(scene, mode, expected, count, "killed after " + ", ".join(moments))
    say(f"{mode}: {done} random kills, wrong so far {len(count.wrong)}")
    return expected, ended.moments


def kill_at_points(scene, mode, options, count, undisturbed):
    expected, total = undisturbed
    points = list(range(1, total + 1, options.points)) if options.points else []
    for start in range(0, len(points), options.chain):
        scene.begin(f"{mode}-start")
        for point in points[start : start + options.chain]:
            ended = run(scene, mode, at=point)
            count.kills += ended.code == -9
        recover(scene, mode, expected, count, f"killed at moments {points[start : start + options.chain]}")
    if points:
        say(f"{mode}: {len(points)} kills at commits and renames, wrong so far {len(count.wrong)}")


def main():
    """Return the exit status: 0 when nothing differed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modes", default=",".join((*MODES, "maintain")))
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--points", type=int, default=1)
    parser.add_argument("--chain", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--others", default=",".join(OTHERS))
    options = parser.parse_args()
    count = Count()
    with tempfile.TemporaryDirectory(prefix="tidings-faults-") as name, newsroom(Path(name)) as port:
        for mode in filter(None, options.modes.split(",")):
            scene = Scene(Path(name), port)
            undisturbed = kill_at_random(scene, mode, options, count)
            kill_at_points(scene, mode, options, count, undisturbed)
        for fault in filter(None, options.others.split(",")):
            scene = Scene(Path(name), port)
            found = OTHERS[fault](scene)
            count.wrong += [f"{fault}: {one}" for one in found]
            say(f"{fault}: {found or 'as it should be'}")
    say("\n".join([f"{len(count.wrong)} differences", *count.wrong]))
    say(f"{count.kills} kills, {count.runs} runs after them, {len(count.wrong)} differences")
    return 1 if count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
