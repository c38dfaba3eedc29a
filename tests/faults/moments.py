"""Name the moments at which a test can kill a run: before and after each commit and each rename.

``set_up`` must run before any import of Tidings, since modules import these functions by name.
"""

import contextlib
import os
import pathlib
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any


class Moments:
    """Counter of moments; at the ``wanted`` moment the process kills itself with SIGKILL, which
    simulates a power failure.

    A moment's name consists of the stage, the action and its number in this run: ``poll: before
    commit 2``. A ``mapped`` process stops at each moment, so that its parent can read the files
    that a kill would leave.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self, wanted: Any = None, *, mapped: bool = False) -> None:
        self.stage, self.wanted, self.mapped = "", wanted, mapped
        self.names: list[str] = []
        self.seen: Counter[str] = Counter()

    def pass_by(self, what: Any) -> None:
        name = f"{self.stage}: {what}"
        self.seen[name] += 1
        name += f" {self.seen[name]}"
        self.names.append(name)
        if name == self.wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mapped:
            os.kill(os.getpid(), signal.SIGSTOP)


moments = Moments()


def _around(function: Any, name_of: Any) -> Any:
    def called(*args: Any, **kwargs: Any) -> Any:
        name = name_of(*args)
        moments.pass_by(f"before {name}")
        result = function(*args, **kwargs)
        moments.pass_by(f"after {name}")
        return result

    return called


def set_up() -> None:
    """Count renames of files and commits."""
    early = [name for name in sys.modules if name.startswith("tidings.")]
    assert not early, f"imported too early, with the original functions: {early}"
    from tidings.storage import lake

    for name in ("rename", "replace"):
        setattr(pathlib.Path, name, _around(getattr(pathlib.Path, name), lambda *_: "rename"))

    @contextlib.contextmanager
    def transaction(con: Any) -> Iterator[Any]:
        con.execute("begin transaction")
        try:
            yield
        except BaseException:
            con.execute("rollback")
            raise
        moments.pass_by("before commit")
        con.execute("commit")
        moments.pass_by("after commit")

    lake.transaction = transaction
