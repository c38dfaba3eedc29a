"""What the doctor says of one thing: whether it is in order, and what to do where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidings.flows.messages import message


class Level(StrEnum):
    """How a thing is: in order, good to know, or to be put right."""

    ok = "ok"
    look = "look"
    fix = "fix"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: ``what`` was looked at, how it is, and ``todo``, empty where there is nothing to do."""

    level: Level
    what: str
    state: str
    todo: str = ""


def well(what: str, state: str) -> Finding:
    """Return a thing that is in order."""
    return Finding(Level.ok, what, message(state))


def look(what: str, state: str, todo: str) -> Finding:
    """Return a thing that a person should know of; the night runs all the same."""
    return Finding(Level.look, what, message(state), todo)


def fix(what: str, state: str, todo: str) -> Finding:
    """Return a thing that is missing, broken or stale."""
    return Finding(Level.fix, what, message(state), todo)
