"""Find the English versions of articles that their publishers declare."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from tidings.analysis.explore.queries import listed

if TYPE_CHECKING:
    from tidings.analysis.explore.database import Asking, Row


def add_english(asking: Asking, rows: list[Row]) -> None:
    """Add english_url to the rows of a page: the publisher's declared English version of the
    article, or None.
    """
    if not (ids := {row["article_id"] for row in rows}):
        return
    versions: dict[str, str] = {}
    with suppress(duckdb.BinderException):  # an old release has no column translation_key
        _, found = asking.table(
            "select a.article_id::varchar, min(e.url) from core.articles as a inner join"
            " core.articles as e"
            " using (publisher_id, translation_key)"
            f" where a.article_id in {listed(ids)} and e.language like 'en%' and a.language not"
            f" like 'en%' group by 1"
        )
        versions.update(found)
    for row in rows:
        row["english_url"] = versions.get(row["article_id"])
