"""Test the table of the word list's quality."""

import csv
from pathlib import Path
from typing import Any

from benchmarks.lexicon import describe_lexicon, latest_codings

THEMES = [
    {"theme_id": "health", "parent_id": "", "label_en": "Health"},
    {"theme_id": "vaccines", "parent_id": "health", "label_en": "Vaccines"},
]


def _phrase(theme: str, **values: str) -> dict[str, str]:
    return {
        "theme_id": theme,
        "language": "en",
        "role": "include",
        "salience": "",
        "source": "",
        "reviewed_by": "",
    } | values


def _coding(text: str, theme: str, **values: str) -> dict[str, str]:
    return {
        "text_hash": text,
        "coder": "a",
        "theme_id": theme,
        "is_any": "false",
        "language": "en",
        "weight": "",
        "coded_at": "",
        "found_theme_ids": "health|vaccines",
    } | values


def _write(folder: Path, **tables: list[dict[str, Any]]) -> None:
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def test_table_counts_phrases_and_weights_codings(tmp_path: Path) -> None:
    """The table counts specific and general phrases without exclusions; recall and precision are
    weighted and include areas.
    """
    found = [_coding(f"t{number}", "vaccines") for number in range(10)]
    missed = [_coding("missed", "vaccines", weight="10", found_theme_ids="")]
    wrong = [_coding("wrong", "", weight="30", found_theme_ids="vaccines")]
    _write(
        tmp_path,
        themes=THEMES,
        theme_phrases=[
            _phrase("vaccines", source="A law, 2020-01-01"),
            _phrase("vaccines", salience="2"),
            _phrase("vaccines", role="exclude"),
        ],
        codings=[*found, *missed, *wrong],
    )
    table = describe_lexicon(tmp_path)
    assert "0 of 2 phrases have a reviewer. 12 articles are coded." in table
    assert "| Vaccines | en | 1 | 1 | 50% | 0% | 12 | 11 | 50% | 25% |" in table
    assert "| Health | en | 0 | 0 | – | – | 12 | 11 | 50% | 100% |" in table


def test_rates_of_few_articles_are_unknown(tmp_path: Path) -> None:
    """Nine true articles and hits yield counts but neither recall nor precision."""
    codings = [_coding(f"t{number}", "vaccines") for number in range(9)]
    _write(
        tmp_path,
        themes=THEMES,
        theme_phrases=[_phrase("vaccines", reviewed_by="A. Reader")],
        codings=codings,
    )
    assert "| Vaccines | en | 1 | 0 | 0% | 100% | 9 | 9 | – | – |" in describe_lexicon(tmp_path)


def test_latest_coder_counts() -> None:
    """Of two coders of an article, only the rows of the later one count."""
    early, late = (
        _coding("t", theme, coder=coder, coded_at=at)
        for theme, coder, at in (
            ("health", "z", "2026-01-01T00:00:00Z"),
            ("vaccines", "a", "2026-02-01T00:00:00Z"),
        )
    )
    assert latest_codings([late, early]) == [[late]]
