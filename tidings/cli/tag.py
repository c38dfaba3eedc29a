"""``tidings tag``: find the themes and policy areas of texts and write them as JSON lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from tidings import api
from tidings.base.settings import read_settings
from tidings.cli.json_lines import annotate_lines


def tag(
    file: Path | None = typer.Argument(
        None, help="File with JSON lines; without it, the command reads standard input."
    ),
    about: bool = typer.Option(
        False, "--about", help="Write only the themes that the text is about, and the main areas."
    ),
) -> None:
    """Find the policy themes and policy areas of texts, with the word lists and rules of the
    nightly run.

    Input: JSON lines `{"id", "title", "text", "language", "date"}`. Only `text` or `title` is
    required. Without a language it is identified from the text. Without a title, the first 200
    characters of the text take its place.

    Output: JSON lines `{"id", "language", "themes", "areas"}` in the same order. A theme has
    `theme_id`, `mention_count`, `is_about` (true: the text is about it; false: it only mentions it)
    and `mentions` (`phrase_id`, `field`, `start_offset`, `end_offset`, in characters from 0, end
    exclusive). An area is a major topic of the Comparative Agendas Project: `area_id`, `cap_code`,
    `area_rank`, `is_main`, `assigned_by` (title, lead or body: the first place that mentions it),
    `mention_count`.

    Example: `echo '{"id": 1, "title": "New tariffs on steel", "text": "…", "language": "en"}' |
    tidings tag`
    """
    tagger = api.tagger(read_settings().seeds)
    annotate_lines(
        "tag",
        lambda texts: [_main(tags) if about else tags for tags in tagger.tag(texts)],
        ("text", "title"),
        file,
    )


def _main(tags: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "themes": [theme for theme in tags["themes"] if theme["is_about"]],
        "areas": [area for area in tags["areas"] if area["is_main"]],
    }
