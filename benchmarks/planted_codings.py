"""Code a sample of the demo as simulated readers, and compare corrected shares with the planted
truth: the subject of an invented article is the section in which its outlet prints it.

    python -m benchmarks.planted_codings code SAMPLE --coder NAME [--second] [--miss .05]
    python -m benchmarks.planted_codings curve [--svg FILE]

Both read the demo's release. ``curve`` prints each theme and month as CSV, and draws them.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidings.analysis.coding.labels import CodingSheet
from tidings.cli.lake import find_lake
from tidings.demo.truth import truth
from tidings.demo.wordings import read_bank
from tidings.storage.release import open_release

SUBJECTS = {"Transport": "transportation", "Schools": "education", "Housing": "housing"}
"""Sections of the sample newsroom and the policy area of each."""
_COUNTED = "select article_id::varchar, url from core.articles where excluded_reason is null"
_CURVE = """
with months as (
    select date_trunc('month', published_on)::date as month_start_on, theme_id,
        count(*) filter (where theme_id = planted) / count(*) as share_planted
    from core.articles join planted using (article_id)
    semi join marts.article_stories as counted on articles.article_id = counted.text_id
    cross join (select unnest($themes) as theme_id)
    group by all
)
select theme_id, month_start_on, about_share, share_corrected, share_corrected_low,
    share_corrected_high, share_planted
from marts.theme_monthly join months using (theme_id, month_start_on) order by all
"""


def planted_themes(con: object) -> dict[str, str]:
    """Return the theme of each counted article by article_id; empty if none of SUBJECTS."""
    sections = {
        name: SUBJECTS.get(topic.label[0], "")
        for topic in read_bank().topics
        for name in topic.label
    }
    by_path = {article.path: sections[article.section] for article in truth().articles}
    rows = con.execute(_COUNTED).fetchall()  # type: ignore[attr-defined]
    return {
        name: by_path[urlsplit(url).path] for name, url in rows if urlsplit(url).path in by_path
    }


def code(options: argparse.Namespace) -> None:
    """Write the labels of a simulated reader, who misses a part of the true articles and accepts a
    part of the others.
    """
    with open_release(find_lake()) as con:
        planted = planted_themes(con)
        sheet = CodingSheet(con, options.sample, options.coder, is_second=options.second)
        for place in range(len(sheet.rows)):
            name = str(sheet.rows[place]["article_id"])
            chance = random.Random(f"{options.coder} {name}")
            theme = planted.get(name, "")
            if theme and chance.random() < options.miss:
                theme = ""
            if not theme and chance.random() < options.wrong:
                theme = chance.choice(list(SUBJECTS.values()))
            sheet.save(place, {theme: "main"} if theme else {}, is_any=False)
        print(sheet.path)


def curve(svg: Path | None) -> None:
    """Print shares of the word list, corrected shares and planted shares."""
    with open_release(find_lake()) as con:
        con.execute("create temp table planted (article_id uuid, planted varchar)")
        con.executemany("insert into planted values (?, ?)", list(planted_themes(con).items()))
        result = con.execute(_CURVE, {"themes": list(SUBJECTS.values())})
        writer = csv.writer(sys.stdout)
        writer.writerow([column[0] for column in result.description])
        rows = result.fetchall()
        writer.writerows(rows)
    if svg:
        svg.write_text(draw_curve(rows), encoding="utf-8")


def draw_curve(rows: list[tuple[Any, ...]]) -> str:
    """Return an SVG image with a panel for each theme: lines of the word list, the corrected share
    with its interval, and the planted share.
    """
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 280" font-family="sans-serif"'
        ' font-size="12"><rect width="760" height="280" fill="white"/>'
    )
    parts = [head]
    colours = {2: "#888888", 3: "#1f5fa8", 6: "#c2410c"}
    for panel, theme in enumerate(dict.fromkeys(row[0] for row in rows)):
        months = [row for row in rows if row[0] == theme]
        left, top, height = 50 + 240 * panel, 40, 180
        places = [left + 25 + 70 * place for place in range(len(months))]

        def level(share: float, top: int = top, height: int = height) -> float:
            return round(top + height * (1 - share / 0.4), 1)

        parts.append(f'<text x="{left}" y="24" font-weight="bold">{theme}</text>')
        for share in (0, 0.1, 0.2, 0.3, 0.4):
            y = level(share)
            parts.append(
                f'<line x1="{left}" x2="{left + 190}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share:.0%}</text>'
            )
        for x, row in zip(places, months, strict=True):
            parts.append(f'<text x="{x}" y="240" text-anchor="middle">{row[1]:%b}</text>')
            if row[4] is not None:
                parts.append(
                    f'<line x1="{x}" x2="{x}" y1="{level(row[4])}" y2="{level(row[5])}"'
                    f' stroke="{colours[3]}" stroke-width="5" stroke-opacity=".35"/>'
                )
        for column, colour in colours.items():
            known = [
                (x, row[column])
                for x, row in zip(places, months, strict=True)
                if row[column] is not None
            ]
            points = " ".join(f"{x},{level(share)}" for x, share in known)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
            )
            parts += [f'<circle cx="{x}" cy="{level(y)}" r="3" fill="{colour}"/>' for x, y in known]
    for x, (column, name) in zip(
        (50, 190, 470), {2: "word list", 3: "corrected, 95 % interval", 6: "planted"}.items(),
        strict=True,
    ):  # fmt: skip
        parts.append(
            f'<rect x="{x}" y="258" width="12" height="12" fill="{colours[column]}"/>'
            f'<text x="{x + 18}" y="269">{name}</text>'
        )
    return "".join(parts) + "</svg>\n"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    coding = commands.add_parser("code")
    coding.set_defaults(run=code)
    coding.add_argument("sample", type=Path)
    coding.add_argument("--coder", required=True)
    coding.add_argument("--second", action="store_true")
    coding.add_argument("--miss", type=float, default=0.05)
    coding.add_argument("--wrong", type=float, default=0.01)
    drawing = commands.add_parser("curve")
    drawing.add_argument("--svg", type=Path)
    drawing.set_defaults(run=lambda options: curve(options.svg))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
