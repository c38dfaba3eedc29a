"""What is wrong with reference data, in sentences; an empty list means nothing.

Rows are dictionaries as ``csv.DictReader`` gives them, cells as they stand in the file. What a phrase would be looked for as is
told by ``spell``, which is ``transforms.text.variants.spell_out``: reference data imports no code of its neighbours.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from tidings.seeds.cells import KEYS, check_cells, where_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Row = Mapping[str, str]
    Spell = Callable[[str, str, str], list[str]]

CAP_CODES = frozenset({*range(1, 22), 23} - {11})
"""Major topics of the Comparative Agendas Project's master codebook."""

_CONDITIONS = ("requires_any", "exclude_regex", "valid_from", "valid_to")


def check_all(tables: Mapping[str, Sequence[Row]], spell: Spell, publisher_ids: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the tables, by name as in ``KEYS``; references are asked only of tables that are given.

    ``publisher_ids`` are publishers known from elsewhere, such as those that a feed list names.
    """
    found = [problem for name, rows in tables.items() if name in KEYS for problem in check_cells(name, rows)]
    if "themes" in tables:
        found += check_themes(tables["themes"])
    if "theme_phrases" in tables:
        found += check_phrases(tables["theme_phrases"], spell)
        if "themes" in tables:
            found += find_orphans("theme_phrases", tables["theme_phrases"], "theme_id", tables["themes"], "theme_id")
    if "feeds" in tables:
        found += find_twins("feeds", tables["feeds"], "url")
    if "publishers" in tables:
        found += check_domains(tables["publishers"])
        known = [*tables["publishers"], *({"publisher_id": one} for one in publisher_ids)]
        for name in ("feeds", "extraction_rules"):
            found += find_orphans(name, tables.get(name, ()), "publisher_id", known, "publisher_id")
    return found


def check_themes(rows: Sequence[Row]) -> list[str]:
    """Return what is wrong between themes: unknown parents and areas, a parent that has a parent, another area than its own."""
    found = find_orphans("themes", rows, "parent_id", rows, "theme_id")
    by_id = {row["theme_id"]: row for row in rows}
    for row in rows:
        where, code = where_is("themes", row), row.get("cap_code") or ""
        if code and (not code.isascii() or not code.isdigit() or int(code) not in CAP_CODES):
            found.append(f"{where}: {code!r} is no major topic of the Comparative Agendas Project.")
        parent = by_id.get(row.get("parent_id") or "")
        if parent is None:
            continue
        if parent.get("parent_id"):
            found.append(f"{where}: its parent {parent['theme_id']} is itself under {parent['parent_id']}.")
        if code != (parent.get("cap_code") or ""):
            found.append(f"{where}: its cap_code is not that of {parent['theme_id']}.")
    return found


def check_phrases(rows: Sequence[Row], spell: Spell) -> list[str]:
    """Return the phrases that are there twice, are not in normal form, or bring nothing because a shorter one is there too.

    A longer phrase is needed where it has conditions, a source of its own (its life is counted by itself) or a theme's phrase
    inside it that the longest match takes away.
    """
    found = []
    spellings = [set(spell(row["phrase"], row["language"], row["match_type"])) for row in rows]
    places: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row, forms in zip(rows, spellings, strict=True):
        if row["phrase"] != unicodedata.normalize("NFKC", row["phrase"]):
            found.append(f"{where_is('theme_phrases', row)}: the phrase is not in Unicode's normal form NFKC.")
        for form in forms:
            places[row["language"], row["theme_id"], form].add(row["phrase_id"])
    twins = {tuple(sorted(ids)) for ids in places.values() if len(ids) > 1}
    found += [f"theme_phrases: {', '.join(ids)} are looked for as the same letters." for ids in sorted(twins)]
    return found + _find_contained(rows, spellings)


def check_domains(rows: Iterable[Row]) -> list[str]:
    """Return the domains that two publishers claim at the same time; a domain without days is claimed at all times."""
    claims: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        for domain in filter(None, (row.get("domains") or "").split("|")):
            name, _, period = domain.strip().lower().partition(" ")
            first, _, last = (period or "../..").partition("/")
            claims[name].append((first.replace("..", ""), last.replace("..", "9999"), row["publisher_id"]))
    found = []
    for name, claimed in claims.items():
        for (_, last, one), (first, _, other) in pairwise(sorted(claimed)):
            if first <= last:
                found.append(f"publishers: {name} belongs to {one} and {other}.")
    return found


def find_orphans(table: str, rows: Iterable[Row], column: str, known: Iterable[Row], key: str) -> list[str]:
    """Return a sentence for each row whose ``column`` names nothing known; an empty cell names nothing and is fine."""
    names = {row[key] for row in known}
    return [
        f"{where_is(table, row)}: there is no {key} {row[column]!r}."
        for row in rows
        if row.get(column) and row[column] not in names
    ]


def find_twins(table: str, rows: Iterable[Row], column: str) -> list[str]:
    """Return a sentence for each value of ``column`` that several rows share, upper and lower case and a final slash apart."""
    places: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        places[(row.get(column) or "").rstrip("/").lower()].append(row[KEYS[table][0]])
    return [f"{table}: {' and '.join(ids)} have the same {column}." for value, ids in places.items() if value and len(ids) > 1]


def _find_contained(rows: Sequence[Row], spellings: Sequence[set[str]]) -> list[str]:
    """Return the phrases that find nothing which a shorter one of the same theme and language does not find."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if row["role"] == "include":
            by_language[row["language"]].append(index)
    found = []
    for language, members in by_language.items():
        for longer in members:
            row = rows[longer]
            if row.get("source") or any(row.get(name) for name in _CONDITIONS):
                continue
            is_spaced = row["match_type"] != "substring"
            inside = [i for i in members if i != longer and _holds(spellings[longer], spellings[i], rows[i], is_spaced=is_spaced)]
            own = [i for i in inside if rows[i]["theme_id"] == row["theme_id"] and not any(rows[i].get(n) for n in _CONDITIONS)]
            if own and all(rows[i]["theme_id"] == row["theme_id"] for i in inside):
                found.append(f"{where_is('theme_phrases', row)}: {rows[own[0]]['phrase_id']} finds it already ({language}).")
    return found


def _holds(longer: set[str], shorter: set[str], row: Row, *, is_spaced: bool) -> bool:
    """Return whether every spelling of the longer phrase has a spelling of the shorter one in it, at word boundaries."""
    end = "" if row["match_type"] == "prefix" else " "
    return all(
        any(f" {part}{end}" in f" {whole} " if is_spaced else part in whole for part in shorter if part != whole)
        for whole in longer
    )
