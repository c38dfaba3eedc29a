"""Register the SQL functions that find events.

| function | result |
|---|---|
| ``prepare_event_words(languages, terms …)`` | a token for words known before a month |
| ``group_event_day(token, articles …)`` | the groups of a day's articles about the same event |
| ``track_events(groups …, first_day, last_day)`` | the event of each cluster of groups |

Term 0 of a language has the number of its articles as count. The list of groups has one list for
each field of ``DayGroup``.
"""

from __future__ import annotations

from itertools import count, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tidings.annotation.event_days import Background, EventArticle, KnownWords, group_day
from tidings.annotation.event_tracks import DayGroup, track_events
from tidings.annotation.source_version import source_version

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

_NUMBERS = pa.list_(pa.uint32())
_STRINGS = pa.list_(pa.string())
GROUP = pa.struct(
    {
        "cluster_id": pa.string(),
        "language": pa.string(),
        "article_ids": _STRINGS,
        "publisher_ids": _STRINGS,
        "story_ids": _STRINGS,
        "similarities": pa.list_(pa.float32()),
        "terms": _NUMBERS,
        "weights": pa.list_(pa.float32()),
    }
)
CLUSTER = pa.struct({"cluster_id": pa.string(), "event_id": pa.string()})
_GROUP_TYPE = (
    'struct("cluster_id" varchar, "language" varchar, "article_ids" varchar[], "publisher_ids"'
    " varchar[],"
    ' "story_ids" varchar[], "similarities" float[], "terms" uinteger[], "weights" float[])[]'
)
_SIGNATURES = {
    "prepare_event_words": ("varchar[] uinteger[] integer[] integer[]", "varchar"),
    "group_event_day": (
        "varchar varchar[] varchar[] varchar[] varchar[] uinteger[][] uinteger[][]",
        _GROUP_TYPE,
    ),
    "track_events": (
        (
            "integer[] varchar[] varchar[] varchar[][] varchar[][] integer[] uinteger[][] float[][]"
            " varchar[] integer integer"
        ),
        'struct("cluster_id" varchar, "event_id" varchar)[]',
    ),
}


def register_event_functions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Register the functions, and return the version of each that decides rows."""
    words = _KnownWords()
    functions: tuple[Any, ...] = (words.prepare, words.group_day, _track)
    options: Any = {"type": "arrow", "null_handling": "special"}
    for (name, (parameters, result)), function in zip(_SIGNATURES.items(), functions, strict=True):
        kinds: Any = parameters.split()
        con.create_function(name, function, kinds, result, **options)
    return {
        "group_event_day": source_version("event_days"),
        "track_events": source_version("event_tracks"),
    }


class _KnownWords:
    """The known words of each month of a build, by token."""

    def __init__(self) -> None:
        self._backgrounds: dict[str, Background] = {"": {}}
        self._tokens = map(str, count())  # DuckDB prepares months in several threads

    def prepare(self, languages: Any, terms: Any, counts: Any, lowers: Any) -> pa.Array:
        tokens = []
        for row in range(len(terms)):
            token = next(self._tokens)
            codes = np.array(languages[row].as_py() or [], object)
            columns = [_numbers(column, row) for column in (terms, counts, lowers)]
            self._backgrounds[token] = {
                str(code): _known_words(*(column[codes == code] for column in columns))
                for code in sorted(set(codes))
            }
            tokens.append(token)
        return pa.array(tokens, pa.string())

    def group_day(  # noqa: PLR0917 — DuckDB passes columns by position
        self,
        tokens: Any,
        article_ids: Any,
        publishers: Any,
        languages: Any,
        story_ids: Any,
        terms: Any,
        marks: Any,
    ) -> pa.Array:
        rows = []
        for row, token in enumerate(tokens.to_pylist()):
            names = (
                column[row].as_py() for column in (article_ids, publishers, languages, story_ids)
            )
            numbers = (_lists(column, row) for column in (terms, marks))
            articles = [EventArticle(*cells) for cells in zip(*names, *numbers, strict=True)]
            rows.append(
                [group._asdict() for group in group_day(articles, self._backgrounds[token or ""])]
            )
        return pa.array(rows, pa.list_(GROUP))


def _track(  # noqa: PLR0917 — DuckDB passes columns by position
    days: Any,
    clusters: Any,
    languages: Any,
    publishers: Any,
    story_ids: Any,
    counts: Any,
    terms: Any,
    weights: Any,
    events: Any,
    first_days: Any,
    last_days: Any,
) -> pa.Array:
    rows = []
    for row in range(len(days)):
        names = [
            column[row].as_py() or []
            for column in (days, clusters, languages, publishers, story_ids, counts)
        ]
        cells = zip(
            *names, _lists(terms, row), _lists(weights, row), events[row].as_py() or [], strict=True
        )
        found = track_events(
            sorted((DayGroup(*cell) for cell in cells), key=itemgetter(0, 1, 2)),
            first_days[row].as_py(),
            last_days[row].as_py(),
        )
        rows.append(
            [{"cluster_id": cluster, "event_id": event} for cluster, event in sorted(found.items())]
        )
    return pa.array(rows, pa.list_(CLUSTER))


def _known_words(terms: NDArray[Any], counts: NDArray[Any], lowers: NDArray[Any]) -> KnownWords:
    order = np.argsort(terms, kind="stable")
    terms, counts, lowers = (column[order].astype(np.int64) for column in (terms, counts, lowers))
    is_total = terms == 0
    return KnownWords(
        int(counts[is_total].sum()), terms[~is_total], counts[~is_total], lowers[~is_total]
    )


def _numbers(column: Any, row: int) -> NDArray[Any]:
    """Return the numbers of a cell that is a list."""
    values = column[row].values
    return np.zeros(0, np.int64) if values is None else values.to_numpy(zero_copy_only=False)


def _lists(column: Any, row: int) -> list[NDArray[Any]]:
    """Return the lists of numbers of a cell that is a list of lists."""
    lists = column[row].values
    if lists is None:
        return []
    ends = lists.offsets.to_numpy()
    values = lists.values.to_numpy(zero_copy_only=False)
    return [values[start:end] for start, end in pairwise(ends)]
