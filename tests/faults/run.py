"""The fault harness in full: ``python -m tests.faults.run`` kills runs at many moments and compares what the next run leaves.

Kills come in two ways. At random moments, several in a row, a whole run after them. And at each commit and rename: an undisturbed
run is stopped at each of them and the warehouse on disk looked at; where it is as it was at the moment before, a kill leaves the
same and is not done twice. Kills in the last stage begin from the warehouse as the stages before left it.

--modes night,refetch,reprocess,retag,maintain   which runs
--kills 25                                       random moments a mode
--points 1                                       every n-th of the commits and renames that change what lies on disk; 0: none
--chain 12                                       kills of the last stage in a row before it runs to its end
--until 0                                        begin nothing new after this instant, seconds since 1970
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.harness import (
    BEFORE,
    MODES,
    NOW,
    WHOLE,
    Part,
    Scene,
    audited_before,
    chances,
    check_release,
    differences,
    kill_after,
    newsroom,
    rows,
    run,
)
from tests.faults.others import OTHERS


IN_A_ROW = 5  # random kills before the run that must put all right


class TooLate(Exception):
    """The time is up."""


@dataclasses.dataclass
class Kills:
    """What a session of kills has come to."""

    options: argparse.Namespace
    done: Counter = dataclasses.field(default_factory=Counter)
    wrong: list = dataclasses.field(default_factory=list)

    def note(self, what, found):
        self.wrong.append(f"{what}: {found}")
        say(f"WRONG  {what}: {found}")

    def check_time(self):
        if self.options.until and time.time() > self.options.until:
            raise TooLate


@dataclasses.dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: its rows, its seconds, its audit, and the moments that change what lies on disk."""

    rows: dict
    seconds: float
    audited: object
    early: list
    late: list


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)  # noqa: T201 - it is a program


def well(ended):
    assert ended.code == 0, ended.error
    return ended


def set_scene(scene, mode):
    """Bring the warehouse to where a mode begins and keep it, keep it once more before its last stage, and map its moments."""
    scene.begin("nothing")
    well(run(scene, "night", BEFORE))
    if mode == "night":
        scene.keep_parsed(f"{mode}-start")
    else:
        if mode == "maintain":
            well(run(scene, "night"))
        scene.change_seeds()
        scene.keep(f"{mode}-start")
    scene.begin(f"{mode}-start")
    last = "maintain" if mode == "maintain" else "release"
    first = well(run(scene, mode, part=Part(until=last), mapped=True))
    scene.keep(f"{mode}-last")
    second = well(run(scene, mode, part=Part(since=last), mapped=True))
    say(
        f"{mode}: undisturbed {first.seconds + second.seconds:.1f} s;"
        f" {len(first.moments) + len(second.moments)} moments at commits and renames"
    )
    return Undisturbed(
        rows(scene),
        first.seconds + second.seconds,
        audited_before(scene) if mode != "maintain" else None,
        telling(first),
        telling(second),
    )


def telling(ended):
    """Return the names of the moments before which something on disk has changed since the moment before."""
    pairs = zip(ended.moments, ended.states, ["", *ended.states], strict=False)
    return [name for name, state, before in pairs if state != before]


def recover(scene, mode, kills, undisturbed, what, part=WHOLE):
    """Run on undisturbed and compare; note what is wrong."""
    if broken := check_release(scene):
        kills.note(what, broken)
    ended = run(scene, mode, part=part)
    kills.done["runs after kills"] += 1
    if ended.code != 0:
        kills.note(what, f"the next run failed: {ended.error[:300]}")
        return
    if differing := differences(undisturbed.rows, rows(scene)):
        kills.note(what, f"rows differ: {differing}")
    if broken := check_release(scene):
        kills.note(what, f"at the end: {broken}")


def kill_at_random(scene, mode, kills, undisturbed):
    """Kill whole runs at moments drawn by chance, some in a row, and let a whole run follow."""
    chance = chances(f"{mode} {kills.options.seed}")
    killed = 0
    while killed < kills.options.kills:
        kills.check_time()
        scene.begin(f"{mode}-start")
        told = []
        for _ in range(min(IN_A_ROW, kills.options.kills - killed)):
            moment = chance.uniform(0.02, 0.9) * undisturbed.seconds
            was_running = kill_after(scene, mode, moment)
            killed += was_running
            told.append(f"{moment:.2f} s" + ("" if was_running else " (over)"))
        recover(scene, mode, kills, undisturbed, f"{mode} killed after {', '.join(told)}")
    kills.done[f"{mode}, random kills"] = killed
    say(f"{mode}: {killed} random kills, wrong so far {len(kills.wrong)}")


def kill_early(scene, mode, kills, undisturbed):
    """Kill a run at each moment before its last stage, each from the start, and let a whole run follow."""
    for point in undisturbed.early[:: kills.options.points]:
        kills.check_time()
        scene.begin(f"{mode}-start")
        kill_once(scene, mode, kills, point, WHOLE)
        recover(scene, mode, kills, undisturbed, f"{mode} killed at {point}", Part(audited=undisturbed.audited))
    say(f"{mode}: killed at moments before the last stage, wrong so far {len(kills.wrong)}")


def kill_late(scene, mode, kills, undisturbed):
    """Kill the last stage at each of its moments, some in a row, and let it run to its end; the last time with all before it."""
    last = "maintain" if mode == "maintain" else "release"
    points = undisturbed.late[:: kills.options.points]
    for start in range(0, len(points), kills.options.chain):
        kills.check_time()
        some = points[start : start + kills.options.chain]
        part = Part(since=last, audited=undisturbed.audited)
        scene.begin(f"{mode}-last")
        alone = [point for point in some if not kill_once(scene, mode, kills, point, part)]
        is_last = start + kills.options.chain >= len(points)
        recover(scene, mode, kills, undisturbed, f"{mode} killed at {some}", WHOLE if is_last else part)
        for point in alone:  # a run after a kill had no such moment
            scene.begin(f"{mode}-last")
            if not kill_once(scene, mode, kills, point, part):
                kills.note(f"{mode} at {point}", "no run came there")
            recover(scene, mode, kills, undisturbed, f"{mode} killed at {point}", part)
    say(f"{mode}: killed at moments of the last stage, wrong so far {len(kills.wrong)}")


def kill_once(scene, mode, kills, point, part):
    ended = run(scene, mode, NOW, at=point, part=part)
    was_killed = ended.code == -9
    kills.done[f"{mode}, kills at commits and renames"] += was_killed
    if not was_killed and ended.code != 0:
        kills.note(f"{mode} on the way to {point}", ended.error[:300])
    return was_killed


def do_all(kills, folder, port):
    """Do what the options ask for; what time does not allow is left."""
    options = kills.options
    for mode in filter(None, options.modes.split(",")):
        scene = Scene(folder, port)
        undisturbed = set_scene(scene, mode)
        if options.points:
            say(f"{mode}: {len(undisturbed.early)} and {len(undisturbed.late)} of them change what lies on disk")
            kill_late(scene, mode, kills, undisturbed)
            kill_early(scene, mode, kills, undisturbed)
        if mode in MODES:
            kill_at_random(scene, mode, kills, undisturbed)
    for fault in filter(None, options.others.split(",")):
        kills.check_time()
        found = OTHERS[fault](Scene(folder, port))
        for one in found:
            kills.note(fault, one)
        kills.done[fault] = 1
        say(f"{fault}: {found or 'as it should be'}")


def main():
    """Return the exit status: 0 when nothing differed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modes", default=",".join((*MODES, "maintain")))
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--points", type=int, default=1)
    parser.add_argument("--chain", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--others", default=",".join(OTHERS))
    parser.add_argument("--until", type=float, default=0.0)
    kills = Kills(parser.parse_args())
    with tempfile.TemporaryDirectory(prefix="tidings-faults-") as name, newsroom(Path(name)) as port:
        try:
            do_all(kills, Path(name), port)
        except TooLate:
            say("the time is up; what was done so far:")
    for what, count in kills.done.items():
        say(f"{what}: {count}")
    say("\n".join([f"{len(kills.wrong)} differences", *kills.wrong]))
    return 1 if kills.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
