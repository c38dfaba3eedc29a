"""The moments at which a run can be killed exactly: before and after every commit and every rename, counted as they come.

It is set up before anything of the project is imported, since modules take these functions by name.
"""

import contextlib
import os
import pathlib
import signal


class Moments:
    """Counts moments; at the wanted one the process kills itself with SIGKILL, as a power cut would."""

    def __init__(self):
        self.count = 0
        self.wanted = None
        self.names = []

    def pass_by(self, name):
        self.count += 1
        self.names.append(name)
        if self.count == self.wanted:
            os.kill(os.getpid(), signal.SIGKILL)


moments = Moments()


def _around(function, name):
    def called(*args, **kwargs):
        moments.pass_by(f"before {name}")
        result = function(*args, **kwargs)
        moments.pass_by(f"after {name}")
        return result

    return called


def set_up():
    """Put the counting in place: renames of files, commits of our own transactions, and commits of dbt's."""
    from dbt.adapters.sql.connections import SQLConnectionManager

    import warehouse.lake

    pathlib.Path.rename = _around(pathlib.Path.rename, "rename")
    pathlib.Path.replace = _around(pathlib.Path.replace, "rename")
    SQLConnectionManager.add_commit_query = _around(SQLConnectionManager.add_commit_query, "commit of a model")

    @contextlib.contextmanager
    def transaction(con):
        con.execute("begin transaction")
        try:
            yield
        except BaseException:
            con.execute("rollback")
            raise
        moments.pass_by("before commit")
        con.execute("commit")
        moments.pass_by("after commit")

    warehouse.lake.transaction = transaction
