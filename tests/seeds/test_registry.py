"""The promises of the bundled registry, computed from its files."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
import soupsieve
from babel import Locale

from tidings.base.owners import Owners
from tidings.base.records import Feed, Publisher
from tidings.fetch.registry import read_publishers, read_registry
from tidings.paths import SEEDS
from tidings.storage.reference import is_enabled, read_csv, select_feeds
from tidings.storage.seed_checks import ALLOWED

FOLDER = SEEDS
FEEDS, PUBLISHERS, PACKS = (
    read_csv(FOLDER / f"{name}.csv") for name in ("feeds", "publishers", "packs")
)
BY_ID = {row["publisher_id"]: row for row in PUBLISHERS}
ENABLED = [row for row in FEEDS if is_enabled(row)]
NUMBER = re.compile(r"\d{7,}")
PLACE = re.compile(r"https?://\S+|github\.com/\S+, \S+")
DATE = re.compile(r"\b20\d\d-\d\d(-\d\d)?\b")
INSTITUTIONS = ALLOWED["publishers.institution"].split()
OFFICIAL = set(INSTITUTIONS[: INSTITUTIONS.index("news_agency")])


def countries(*institutions: str) -> set[str]:
    """Return the countries that have an enabled source of these kinds of bodies."""
    rows = [BY_ID[row["publisher_id"]] for row in ENABLED]
    return {row["country"] for row in rows if row["institution"] in institutions} - {"INT", "EU"}


def test_the_registry_covers_many_countries_and_names_its_sources() -> None:
    """It has over 300 sources of the main kinds of bodies in many countries and languages. The
    column source has a date, and no check date was invented.
    """
    assert len(ENABLED) >= 300
    assert len(countries("government", "ministry")) >= 25
    assert len(countries("central_bank")) >= 25
    assert len(countries("news_agency")) >= 25
    assert len(countries("parliament")) >= 15
    assert len(countries(*INSTITUTIONS)) >= 100
    assert sum(row["language"].startswith("en") for row in ENABLED) < 0.6 * len(ENABLED)
    assert {BY_ID[row["publisher_id"]]["institution"] for row in ENABLED} == set(INSTITUTIONS)
    assert [row["feed_id"] for row in FEEDS if not DATE.search(row["source"])] == []
    assert {row["checked_on"] for row in FEEDS} == {""}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.name)
def test_no_source_is_a_number_that_readers_cannot_look_up(path: Path) -> None:
    """A source names a repository and path, a title or what was seen, never the number of a file in
    an index.
    """
    sources = {row.get("source") or "" for row in read_csv(path)}
    assert {source for source in sources if NUMBER.search(PLACE.sub("", source))} == set()


def test_codes_kinds_and_selectors_are_valid() -> None:
    """Unicode knows countries and languages, public bodies are official, selectors are valid."""
    known = Locale("en")
    assert {row["country"] for row in PUBLISHERS} - {"INT"} <= set(known.territories)
    assert {row["language"].split("-")[0] for row in FEEDS} - {""} <= set(known.languages)
    assert [
        row["publisher_id"]
        for row in PUBLISHERS
        if row["institution"] in OFFICIAL and row["publisher_type"] != "official"
    ] == []
    for name in ("item_selector", "next_selector"):
        for selector in {row[name] for row in FEEDS if row[name]}:
            soupsieve.compile(selector)


def read() -> tuple[list[Feed], list[Publisher]]:
    """Return the sources and all publishers as a nightly run reads them."""
    known = read_publishers(PUBLISHERS)
    return read_registry(FEEDS, known)[0], known


def test_urls_and_domains_are_consistent() -> None:
    """Each URL is listed once without scheme and www, and only by the publisher of its row."""
    sources, known = read()
    places = defaultdict(list)
    for source in sources:
        places[re.sub(r"^https?://(www\.)?", "", source.url).rstrip("/").lower()].append(
            source.feed_id
        )
    assert [ids for ids in places.values() if len(ids) > 1] == []
    owners = Owners(known)
    assert [
        s.feed_id for s in sources if owners.owner_of(s.url, None) not in {None, s.publisher_id}
    ] == []


def test_the_readme_counts_the_sources() -> None:
    """The table of institutions has the number of enabled sources and of countries, with the EU."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for kind in INSTITUTIONS:
        rows = [
            BY_ID[row["publisher_id"]]
            for row in ENABLED
            if BY_ID[row["publisher_id"]]["institution"] == kind
        ]
        assert (
            f"| {kind} | {len(rows)} | {len({row['country'] for row in rows} - {'INT'})} |" in text
        )
    assert f"**{len(FEEDS)} sources, {len(ENABLED)} of them enabled" in text


def test_packs_select_rows_by_their_columns() -> None:
    """Alternatives add up, columns of one restrict each other, a disabled row is in no pack."""
    publishers = {
        "a": {"country": "CN", "institution": "ministry"},
        "b": {"country": "DE", "institution": "ministry"},
    }
    feeds = [
        {"feed_id": "one", "publisher_id": "a", "language": "zh", "topics": "trade|energy"},
        {"feed_id": "two", "publisher_id": "b", "language": "de", "topics": "energy"},
        {
            "feed_id": "off",
            "publisher_id": "a",
            "language": "zh",
            "topics": "energy",
            "is_enabled": "false",
        },
    ]

    def select(conditions: str) -> list[str]:
        return [feed["feed_id"] for feed in select_feeds(conditions, feeds, publishers)]

    assert select("country=CN|FR; topics=none") == ["one"]
    assert select("institution=ministry") == ["one", "two"]
    assert select("topics=energy & country=DE") == ["two"]
    assert select("country = CN & language = de; topics = x | trade") == ["one"]


def test_each_bundled_pack_has_sources() -> None:
    """The conditions of each pack are valid and select enabled rows; an unknown column is named."""
    assert {row["pack_id"] for row in PACKS} >= {
        "china",
        "eu",
        "central_banks",
        "industrial_policy",
    }
    empty = [row["pack_id"] for row in PACKS if not select_feeds(row["conditions"], FEEDS, BY_ID)]
    assert empty == []
    with pytest.raises(ValueError, match=r"invalid condition 'colour': use country, "):
        select_feeds("country=CN; country=XX & colour=red", FEEDS, BY_ID)


def test_a_name_means_one_body_to_an_outlet() -> None:
    """A form has one body per language and country, and no row for all outlets beside it."""
    rows = read_csv(FOLDER / "bodies.csv")
    owners = defaultdict(list)
    for row in rows:
        for form in row["forms"].split("|"):
            owners[row["language"], form].append(row["country"])
    shared = {key: found for key, found in owners.items() if len(found) > 1}
    assert {
        key for key, found in shared.items() if len(set(found)) < len(found) or "" in found
    } == set()
