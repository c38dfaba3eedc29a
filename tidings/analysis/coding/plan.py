"""Freeze the plan of a sample before anybody codes: question, options, time and hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.sample import CodingError
from tidings.storage.reference import read_csv, write_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

PLAN = (
    "plan_id", "question", "theme_ids", "language", "first_on", "last_on", "size", "width",
    "change", "seed", "release_id", "lexicon_version", "article_count", "sample_hash", "drawn_at",
)  # fmt: skip


def plan_path(sample: Path) -> Path:
    """Return the path of the plan of a sample."""
    return sample.with_name(f"{sample.stem}.plan.csv")


def freeze_plan(sample: Path, plan: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """Add a plan to the file of a sample, with the time and the hash of its articles, and return
    its ID: the first 16 hexadecimal digits of the SHA-256 of all its cells.
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
    """Return the plans of a sample in the order of drawing; none if it was drawn without a plan.

    Raises:
        CodingError: If a plan has changed since it was frozen.
    """
    path = plan_path(sample)
    return check_plans(path) if path.exists() else []


def check_plans(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of plans. Raises CodingError if one has changed since its ID was
    computed.
    """
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
    rows = {row["plan_id"]: row for row in (read_csv(path, PLAN) if path.exists() else ())}
    before = len(rows)
    for folder in {label.parent for label in labels}:
        for file in sorted(folder.glob("*.plan.csv")):
            rows |= {row["plan_id"]: row for row in check_plans(file) if row["plan_id"] in wanted}
    if len(rows) > before:
        write_csv(path, PLAN, rows.values())


def _hash_plan(plan: Mapping[str, str]) -> str:
    cells = {name: plan[name] for name in PLAN if name != "plan_id"}
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()[:16]
