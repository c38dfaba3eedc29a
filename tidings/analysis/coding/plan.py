"""Freeze the plan of a sample before anybody codes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.sample import CodingError
from tidings.storage.reference import read_csv, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

PLAN = (
    "plan_id", "question", "theme_ids", "language", "first_on", "last_on", "size", "width",
    "change", "seed", "release_id", "lexicon_version", "article_count", "sample_hash", "drawn_at",
)  # fmt: skip


def plan_path(sample: Path) -> Path:
    """Return the path of the plan of a sample."""
    return sample.with_name(f"{sample.stem}.plan.csv")


def freeze_plan(sample: Path, plan: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """Add a plan to the file of a sample, with time and hash of its articles, and return its ID:
    the first 16 digits of the SHA-256 of its cells.
    """
    ids = "\n".join(str(row["article_id"]) for row in rows)
    cells = {name: "" if plan.get(name) is None else str(plan.get(name)) for name in PLAN} | {
        "sample_hash": hashlib.sha256(ids.encode()).hexdigest(),
        "drawn_at": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    cells["plan_id"] = _hash_plan(cells)
    write_csv(plan_path(sample), PLAN, [*read_plans(sample), cells])
    return cells["plan_id"]


def read_plans(sample: Path) -> list[dict[str, str]]:
    """Return the plans of a sample in the order of drawing, if it was drawn with a plan. Raises
    CodingError if one has changed since it was frozen.
    """
    path = plan_path(sample)
    return check_plans(path) if path.exists() else []


def check_plans(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of plans. Raises CodingError if one has changed."""
    plans = read_csv(path, PLAN)
    for plan in plans:
        if plan["plan_id"] != _hash_plan(plan):
            raise CodingError(
                f"{path.name}: plan {plan['plan_id']} has changed since it was frozen. Restore the"
                f" file, or draw a new sample."
            )
    return plans


def add_plans(path: Path, labels: Iterable[Path], wanted: Collection[str]) -> None:
    """Add the plans beside label files to ``coding_plans.csv``, those with a wanted ID."""
    files = {file for label in labels for file in label.parent.glob("*.plan.csv")}
    rows = [row for file in sorted(files) for row in check_plans(file) if row["plan_id"] in wanted]
    if rows:
        replace_rows(path, PLAN, rows, itemgetter("plan_id"))


def replace_rows(
    path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]], key: Callable[..., Any]
) -> int:
    """Add rows to a CSV file in place of those with the same key, and return the number of keys."""
    replaced = set(map(key, rows))
    kept = read_csv(path, ()) if path.exists() else []
    write_csv(path, columns, [*(row for row in kept if key(row) not in replaced), *rows])
    return len(replaced)


def _hash_plan(plan: Mapping[str, str]) -> str:
    cells = {name: plan[name] for name in PLAN if name != "plan_id"}
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()[:16]
