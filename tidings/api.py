"""The functions of ``import tidings``. They use the rules, word lists and limits of the nightly
run, and make no network request.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidings.paths import SEEDS

if TYPE_CHECKING:
    import duckdb

    from tidings.annotation.quoting import Quoter
    from tidings.annotation.tagging import Tagger, Text
    from tidings.extraction import Cleaned, Unclean


def extract(
    html: str | bytes, url: str, *, content_type: str | None = None, time_zone: str = "UTC"
) -> Cleaned | Unclean:
    """Return the article of a page, PDF or Word file, or the named outcome that states the reason
    why it has none.

    Example:
        >>> text = "Tariffs on steel rise in May. " * 9
        >>> page = f"<article><h1>Steel</h1><p>{text}</p></article>"
        >>> tidings.extract(page, "https://ministry.example/news/1").title
        'Steel'

    Args:
        html: The page as text or as received; bytes are decoded as ``content_type`` or the page
            itself declares.
        url: The page's URL, from which links are resolved and a date may be read.
        content_type: The response's header, such as ``text/html; charset=gb18030``.
        time_zone: The publisher's IANA time zone, for dates without an offset.

    Returns:
        ``Cleaned`` with ``title``, ``body_text``, ``published_at``, ``authors`` and more, and with
        an ``excluded_reason`` if the page is no article, or ``Unclean`` with ``outcome`` and
        ``reason``.

    Raises:
        ValueError: If the time zone is unknown.
    """
    import zoneinfo

    from tidings.extraction import Page, clean

    try:
        zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"Unknown time zone {time_zone!r}: use an IANA name such as Asia/Shanghai."
        raise ValueError(problem) from error
    if isinstance(html, str):
        html, content_type = html.encode("utf-8", "replace"), "text/html; charset=utf-8"
    return clean(Page(url, url, html, content_type, dt.datetime.now(dt.UTC), time_zone))


def tag(
    text: str,
    language: str,
    *,
    title: str | None = None,
    day: dt.date | None = None,
    seeds: Path | str | Sequence[Path | str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return the policy themes that a text mentions or is about, and its policy areas.

    Example:
        >>> text = "The ministry raised tariffs on steel."
        >>> found = tidings.tag(text, "en", title="New tariffs on steel")
        >>> [theme["theme_id"] for theme in found["themes"] if theme["is_about"]]
        ['tariffs']

    Args:
        text: The body.
        language: BCP 47 tag, such as ``en`` or ``zh-Hans``.
        title: The headline, or None if there is none.
        day: The day of publication, on which phrases must be valid; None matches phrases of any
            day.
        seeds: A folder with reference data, or several, later ones replacing rows of earlier ones;
            None for the bundled data.

    Returns:
        ``themes`` (``theme_id``, ``is_about``, ``mention_count``, ``mentions`` with offsets), most
        mentions first, and ``areas`` by rank. Offsets are characters of the title or text from 0,
        end exclusive. A text in a language without phrases has none.

    Raises:
        ValueError: If the language is no tag.
        TypeError: If the day is no date.
        WarehouseError: If a folder is missing, or none of them contains phrases.
    """
    return tagger(_folders(seeds)).tag([_read(title or "", text, language, day)])[0]


def quote(
    text: str,
    language: str,
    *,
    day: dt.date | None = None,
    seeds: Path | str | Sequence[Path | str] | None = None,
) -> list[dict[str, Any]]:
    """Return the statements in a text with their speakers, in order.

    Example:
        >>> tidings.quote("“Growth is slow,” said Christine Lagarde.", "en")[0]["speaker"]
        'Christine Lagarde'

    Args:
        text: The body.
        language: BCP 47 tag.
        day: The day of publication, on which a listed person must hold an office that the text
            mentions; None for any day.
        seeds: As for ``tag``.

    Returns:
        ``start`` and ``end`` of the sentence, ``speaker`` and its offsets, ``kind``, ``gender``,
        ``person_id``, ``office``, ``verb``; unknown values are None.

    Raises:
        ValueError: If the language is no tag.
        TypeError: If the day is no date.
        WarehouseError: If a folder is missing.
    """
    return quoter(_folders(seeds)).quote(_read("", text, language, day))


def open_release(path: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a read-only DuckDB connection to a release, with ``marts``, ``core``, ``ops`` and
    ``ref`` in the search path.

    Example:
        >>> tidings.open_release().sql("select theme_id, about_share from theme_monthly").df()

    Args:
        path: A release file; None for the last release of ``TIDINGS_WAREHOUSE``, or of the demo if
            there is no other.

    Raises:
        WarehouseError: If there is no release, or the file is not one.
    """
    from tidings.base.settings import read_settings
    from tidings.storage import release
    from tidings.storage.remote_lake import demo_lake, lake_of

    if path:
        return release.open_file(Path(path))
    lake = lake_of(read_settings())
    return release.open_release(demo_lake(lake) or lake)


def _read(title: str, text: str, language: str, day: dt.date | None) -> Text:
    from tidings.annotation.tagging import Text

    if not re.fullmatch("[A-Za-z]{2,3}([-_].*)?", language):
        raise ValueError(f"Unknown language {language!r}: use a BCP 47 tag such as en or zh-Hans.")
    if isinstance(day, dt.datetime) or not isinstance(day, dt.date | None):
        raise TypeError(f"{day!r} is not a day: use datetime.date, or None.")
    return Text(title, text, language, day)


def _folders(seeds: Path | str | Sequence[Path | str] | None) -> tuple[Path, ...]:
    from tidings.storage.lake import refuse

    chosen = [SEEDS] if seeds is None else [seeds] if isinstance(seeds, Path | str) else seeds
    folders = tuple(map(Path, chosen))
    for folder in folders:
        refuse(not folder.is_dir(), f"Folder of seeds not found: {folder}.")
    return folders


@cache
def tagger(seeds: tuple[Path, ...]) -> Tagger:
    """Return the tagger of the word lists in these folders. The first call takes a second."""
    from tidings.annotation.tagging import Tagger
    from tidings.storage.lake import refuse
    from tidings.storage.reference import read_seed
    from tidings.storage.seed_checks import refuse_unusable

    phrases = read_seed("theme_phrases", seeds)
    refuse(not phrases, f"There are no phrases in {', '.join(map(str, seeds))}.")
    refuse_unusable("theme_phrases", phrases)
    return Tagger(phrases, read_seed("themes", seeds))


@cache
def quoter(seeds: tuple[Path, ...]) -> Quoter:
    """Return the finder of statements with the lists in these folders, as ``tagger`` does."""
    from tidings.annotation.quoting import TABLES, Quoter
    from tidings.storage.reference import read_seed

    return Quoter(*(read_seed(name, seeds) for name in TABLES))
