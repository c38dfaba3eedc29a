"""Check reference data across rows and tables; each function returns one sentence per problem.

Rows are dictionaries from ``csv.DictReader`` with untrimmed cells. The argument ``spell`` returns
the spellings that match a phrase: callers pass ``transforms.text.variants.spell_out``, since this
package imports no other package of Tidings.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from tidings.storage.seed_cells import KEYS, check_cells, row_name
from tidings.storage.seed_packs import check_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Row = Mapping[str, str]
    Spell = Callable[[str, str, str], list[str]]

CAP_CODES = frozenset({*range(1, 22), 23} - {11})
"""Major topics of the Comparative Agendas Project's master codebook."""

_CODES = frozenset(map(str, CAP_CODES))
# tables, their columns, and the tables to whose column with the same name they refer
_REFERENCES = (
    ("theme_phrases", "theme_id", "themes"),
    ("codings", "theme_id", "themes"),
    ("speakers", "post", "posts"),
    ("feeds", "publisher_id", "publishers"),
    ("extraction_rules", "publisher_id", "publishers"),
)
_CONDITIONS = ("requires_any", "exclude_regex", "salience", "valid_from", "valid_to")


def check_all(
    tables: Mapping[str, Sequence[Row]], spell: Spell, publisher_ids: Iterable[str] = ()
) -> list[str]:
    """Return the problems in the tables, whose names are as in ``KEYS``; references to tables that
    are not given are not checked.

    ``publisher_ids`` are additional known publishers, such as those in a feed list.
    """
    problems = []
    for name, rows in tables.items():
        if name in KEYS:
            problems += check_cells(name, rows)
    publishers = tables.get("publishers", ())
    known = dict(tables)
    if "publishers" in tables:
        others = ({"publisher_id": publisher_id} for publisher_id in publisher_ids)
        known["publishers"] = [*publishers, *others]
    problems += check_themes(tables.get("themes", ()))
    problems += check_phrases(tables.get("theme_phrases", ()), spell)
    for table, column, target in _REFERENCES:
        if target in known:
            problems += find_orphans(table, tables.get(table, ()), column, known[target], column)
    problems += find_duplicates("feeds", tables.get("feeds", ()), "url")
    if {"packs", "feeds", "publishers"} <= tables.keys():
        problems += check_packs(tables["packs"], tables["feeds"], publishers)
    return problems + check_domains(publishers)


def check_themes(rows: Sequence[Row]) -> list[str]:
    """Return the problems between themes: unknown parents or areas, a parent with a parent, an area
    other than the parent's.
    """
    problems = find_orphans("themes", rows, "parent_id", rows, "theme_id")
    by_id = {row["theme_id"]: row for row in rows}
    for row in rows:
        where, code = row_name("themes", row), row.get("cap_code") or ""
        if code and code.lstrip("0") not in _CODES:
            problems.append(
                f"{where}: {code!r} is not a major topic of the Comparative Agendas Project."
            )
        parent = by_id.get(row.get("parent_id", ""))
        if parent is None:
            continue
        name = parent["theme_id"]
        if above := parent.get("parent_id"):
            problems.append(f"{where}: its parent {name} also has a parent, {above}.")
        if code != (parent.get("cap_code") or ""):
            problems.append(f"{where}: its cap_code differs from its parent's, {name}.")
    return problems


def check_phrases(rows: Sequence[Row], spell: Spell) -> list[str]:
    """Return duplicate phrases, phrases not in Unicode normal form, and phrases that a shorter
    phrase makes redundant.

    A longer phrase is not redundant if it has conditions, has its own source (its life cycle is
    computed separately), or contains a phrase of another theme, which the longest match then
    replaces.
    """
    problems = []
    spellings = [set(spell(row["phrase"], row["language"], row["match_type"])) for row in rows]
    places: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row, forms in zip(rows, spellings, strict=True):
        if row["phrase"] != unicodedata.normalize("NFKC", row["phrase"]):
            problems.append(
                f"{row_name('theme_phrases', row)}: the phrase is not in Unicode normal form NFKC."
            )
        for form in forms:
            places[row["language"], row["theme_id"], form].add(row["phrase_id"])
    twins = {tuple(sorted(ids)) for ids in places.values() if len(ids) > 1}
    problems += [f"theme_phrases: {', '.join(ids)} match the same text." for ids in sorted(twins)]
    return problems + _find_contained(rows, spellings)


def check_domains(rows: Iterable[Row]) -> list[str]:
    """Return the domains that belong to two publishers at the same time; a domain without dates has
    one owner at all times.
    """
    claims: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        for domain in filter(None, (row.get("domains") or "").split("|")):
            name, _, period = domain.strip().lower().partition(" ")
            first, _, last = (period or "../..").partition("/")
            claims[name].append(
                (first.replace("..", ""), last.replace("..", "9999"), row["publisher_id"])
            )
    problems = []
    for name, claimed in claims.items():
        for (_, last, owner), (first, _, other) in pairwise(sorted(claimed)):
            if first <= last:
                problems.append(f"publishers: {name} belongs to {owner} and {other}.")
    return problems


def find_orphans(
    table: str, rows: Iterable[Row], column: str, known: Iterable[Row], key: str
) -> list[str]:
    """Return a sentence for each row with an unknown reference in ``column``; empty cells are
    valid.
    """
    names = {row[key] for row in known}
    return [
        f"{row_name(table, row)}: unknown {key} {row[column]!r}."
        for row in rows
        if row.get(column) and row[column] not in names
    ]


def find_duplicates(table: str, rows: Iterable[Row], column: str) -> list[str]:
    """Return a sentence for each duplicate value of ``column``, ignoring case and a final slash."""
    places: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        places[(row.get(column) or "").rstrip("/").lower()].append(row[KEYS[table][0]])
    return [
        f"{table}: {' and '.join(ids)} have the same {column}."
        for value, ids in places.items()
        if value and len(ids) > 1
    ]


def _find_contained(rows: Sequence[Row], spellings: Sequence[set[str]]) -> list[str]:
    """Return the phrases that match only text which a shorter phrase of the same theme and language
    also matches.
    """
    members: dict[tuple[str, str], set[int]] = defaultdict(set)
    for index, row in enumerate(rows):
        end = "*" if row["match_type"] == "prefix" else ""  # an open end in the index of parts
        for form in spellings[index] if row["role"] == "include" else ():
            members[row["language"], f"{form}{end}"].add(index)
    problems = []
    for longer, row in enumerate(rows):
        if row["role"] != "include" or any(map(row.get, ("source", *_CONDITIONS))):
            continue
        inside = [
            set[int]().union(
                *(members.get((row["language"], part), ()) for part in _parts(form, row))
            )
            for form in spellings[longer]
        ]
        shorter = sorted(set.intersection(*inside) - {longer}) if inside else []
        if {rows[index]["theme_id"] for index in shorter} != {row["theme_id"]}:
            continue
        for index in shorter:
            if not any(map(rows[index].get, _CONDITIONS)):
                problems.append(
                    f"{row_name('theme_phrases', row)}: redundant, since"
                    f" {rows[index]['phrase_id']} matches it ({row['language']})."
                )
                break
    return problems


def _parts(form: str, row: Row) -> set[str]:
    """Return the keys of the spellings that match within another spelling, without the whole of
    it.
    """
    if row["match_type"] == "substring":
        return {form[i:j] for i, j in combinations(range(len(form) + 1), 2)} - {form}
    words = form.split(" ")
    parts = set()
    for i, j in combinations(range(len(words) + 1), 2):
        part = " ".join(words[i:j])
        if j < len(words) or row["match_type"] != "prefix":
            parts.add(part)
        end = len(part) - len(words[j - 1])
        parts |= {f"{part[:cut]}*" for cut in range(end + 1, len(part) + 1)}
    return parts - {form, f"{form}*"}
