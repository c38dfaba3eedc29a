"""Release the tables that were built and audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.explore.word_index import index_path, write_index
from tidings.stages.run import code_version
from tidings.storage.lake import open_lake
from tidings.storage.reference import lexicon_version
from tidings.storage.release import release as release_lake

if TYPE_CHECKING:
    from tidings.base.records import Release
    from tidings.stages.audit import AuditResult
    from tidings.stages.run import Run


def release(run: Run, audited: AuditResult, accepted_loss: str | None = None) -> Release:
    """Release the lake's current snapshot: record it, and replace the release file.

    ``accepted_loss`` is recorded if the audit reported missing rows. If nothing has changed, the
    last release is returned.
    """
    with open_lake(run.lake) as con:
        released, is_new = release_lake(
            con,
            run.lake,
            now=run.now,
            lexicon=lexicon_version(con),
            code=code_version(),
            run_id=run.run_id,
            passed=audited.passed,
            warned=len(audited.warned) + len(audited.losses),
            accepted_loss=accepted_loss if audited.losses else None,
        )
    if index_path(run.lake.release_file).exists():  # a user of Explore typed words
        write_index(run.lake.release_file)
    run.log(
        f"released {released.release_id}"
        if is_new
        else f"nothing changed: {released.release_id} remains the last release"
    )
    return released
