"""Fit the model of extraction_confidence, and measure it on pages that each fit did not see.

    python benchmarks/extraction_confidence.py [--shared FOLDER] [--write]

FOLDER has three sets of pages with known texts: ``extraction`` (news), ``benchmarks/pages`` (seven
kinds of pages) and ``benchmarks/press`` (five languages, without semantic markup). A text is right
if its word F1 is at least .8. Every figure comes from a model that was fitted neither to the page's
host nor to its kind or language; those of cross-validation by host follow beside them. The web
pages of ``extraction`` are known by snippets only, so they serve as a check. ``--write`` writes the
model to tidings/extraction/confidence.csv, and the curve and its tables to the docs.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from tidings.extraction import Cleaned, Page, explain
from tidings.extraction.confidence import GOOD, MODEL, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHARED = Path(__file__).parents[2] / "shared"
DOCS = Path(__file__).parents[1] / "docs"
PICTURE = DOCS / "images" / "extraction-confidence.svg"
PAGE = DOCS / "extraction.md"
PARTS = 20  # more than there are kinds, so that each of them is a part
PENALTY = 2.0  # L2 penalty on weights of standardised features; 1 to 5 made no difference
SURE = 0.95
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+"
)
Array = Any  # a numpy array of floats or booleans


@dataclass(frozen=True, slots=True)
class Result:
    """A page after extraction: its set or kind, its host, the features, and the word F1 (None:
    known by snippets only).
    """

    kind: str
    host: str
    features: dict[str, float]
    f1: float | None
    recall: float  # share of the snippets that the text contains; 1 without snippets


def main() -> None:
    """Print the figures, and write the model, curve and tables if required."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--shared", type=Path, default=SHARED, help="folder of both sets")
    options.add_argument(
        "--write", action="store_true", help="write the model and the figures of the docs"
    )
    arguments = options.parse_args()
    if not (arguments.shared / "extraction" / "truth.jsonl").is_file():
        sys.exit(f"{arguments.shared} does not contain the sets of pages.")
    results = list(read_results(arguments.shared))
    known = [result for result in results if result.f1 is not None]
    names = [row.feature for row in MODEL if row.feature != "constant"]
    x = np.array([[result.features[name] for name in names] for result in known])
    is_right = np.array([(result.f1 or 0) >= GOOD for result in known])
    kind, host = [result.kind for result in known], [result.host for result in known]
    by_kind = validate(x, is_right, kind, host)
    tables = [
        summary(by_kind, validate(x, is_right, host, host), is_right),
        bins(by_kind, is_right),
        curve_table(by_kind, is_right, kind),
        kinds(by_kind, is_right, kind),
    ]
    print("\n\n".join(tables))
    mean, weights = fit(x, is_right)
    check_snippets([result for result in results if result.f1 is None], names, mean, weights)
    rows = [("constant", 0.0, weights[0]), *zip(names, mean, weights[1:], strict=True)]
    print(
        "\n" + "\n".join(f"{name:20}{average:9.4f}{weight:9.4f}" for name, average, weight in rows)
    )
    if arguments.write:
        write_model(rows)
        write_docs(tables, by_kind, is_right)


def read_results(folder: Path) -> Iterator[Result]:
    """Yield the pages of the sets after extraction."""
    now = dt.datetime.now(dt.UTC)
    for part, key in (
        ("extraction", "page"),
        ("benchmarks/pages", "id"),
        ("benchmarks/press", "id"),
    ):
        with zipfile.ZipFile(folder / part / "pages.zip") as pages:
            for row in map(json.loads, (folder / part / "truth.jsonl").open(encoding="utf-8")):
                body = pages.read(row[key] if key == "page" else f"{row[key]}.html")
                explained = explain(Page(row["url"], row["url"], body, None, now))
                if not isinstance(explained.outcome, Cleaned) or explained.features is None:
                    continue
                text = explained.outcome.body_text
                host = (urlsplit(row["url"]).hostname or "").removeprefix("www.")
                value = word_f1(row["text"], text) if "text" in row else None
                yield Result(
                    row.get("page_type") or f"{row['set']} {row.get('language', '')}".strip(),
                    host,
                    explained.features,
                    value,
                    _recall(text, row.get("with", ())),
                )


def word_f1(truth: str, text: str) -> float:
    """Return the F1 of words, 0 to 1; each character of a script without spaces is a word."""
    a, b = (Counter(WORD.findall(part.lower())) for part in (truth, text))
    return 2 * (a & b).total() / (a.total() + b.total()) if a or b else 1.0


def _recall(text: str, snippets: Sequence[str]) -> float:
    """Return the share of snippets that a text contains."""
    flat = " ".join(text.split())
    return (
        sum(" ".join(snippet.split()) in flat for snippet in snippets) / len(snippets)
        if snippets
        else 1.0
    )


def fit(x: Array, is_right: Array) -> tuple[Array, Array]:
    """Return the features' means, and the constant with the weights, by Newton's method with an L2
    penalty.
    """
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    design = np.c_[np.ones(len(x)), (x - mean) / deviation]
    penalty = np.array([1e-6, *[PENALTY] * x.shape[1]])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        step = np.linalg.solve(
            (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty),
            design.T @ (p - is_right) + penalty * weights,
        )
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return mean, np.r_[weights[0], weights[1:] / deviation]


def predict(x: Array, mean: Array, weights: Array) -> Array:
    """Return the probabilities of pages."""
    return 1 / (1 + np.exp(-np.clip(weights[0] + (x - mean) @ weights[1:], -30, 30)))


def validate(x: Array, is_right: Array, groups: Sequence[str], hosts: Sequence[str]) -> Array:
    """Return each page's probability from a fit without its group and its host; the groups are
    divided into PARTS parts at random.
    """
    order = np.random.default_rng(7).permutation(sorted(set(groups)))
    part_of = {str(group): number % PARTS for number, group in enumerate(order)}
    part = np.array([part_of[group] for group in groups])
    p = np.zeros(len(x))
    for number in set(part):
        seen = {host for host, of in zip(hosts, part, strict=True) if of == number}
        others = np.array([host not in seen for host in hosts]) & (part != number)
        p[part == number] = predict(x[part == number], *fit(x[others], is_right[others]))
    return p


def auc(p: Array, is_right: Array) -> float:
    """Return the probability that a right page has a higher confidence than a wrong page; ties
    count one half.
    """
    wins = p[is_right][:, None] - p[~is_right][None, :]
    return float((wins > 0).mean() + (wins == 0).mean() / 2)


def summary(by_kind: Array, by_host: Array, is_right: Array) -> str:
    """Return the table of the main figures."""
    base = is_right.mean()
    rows: list[tuple[str, Any]] = [
        (
            f"wrong pages among those with a confidence of at least {SURE}",
            lambda p: (~is_right[p >= SURE]).mean(),
        ),
        (
            f"right pages with a confidence of at least {SURE}",
            lambda p: (p[is_right] >= SURE).mean(),
        ),
        ("area under the ROC curve", lambda p: auc(p, is_right)),
        (
            f"Brier score (base rate: {base * (1 - base):.3f})",
            lambda p: ((p - is_right) ** 2).mean(),
        ),
    ]
    title = f"{len(is_right)} pages, {(~is_right).sum()} with a word F1 below {GOOD}"
    return _table(
        [title, "by kind and language", "by host"],
        [[name, f"{f(by_kind):.3f}", f"{f(by_host):.3f}"] for name, f in rows],
    )


def bins(p: Array, is_right: Array) -> str:
    """Return the table of calibration in ten bins of equal width."""
    rows = []
    for number in range(10):
        within = np.minimum((p * 10).astype(int), 9) == number
        if within.any():
            share, mean = is_right[within].mean(), p[within].mean()
            rows.append(
                [
                    f"{number / 10:.1f} to {(number + 1) / 10:.1f}",
                    str(within.sum()),
                    f"{mean:.2f}",
                    f"{share:.2f}",
                ]
            )
    return _table(["confidence", "pages", "mean confidence", "share of right pages"], rows)


def curve(p: Array, is_right: Array, threshold: float) -> tuple[float, float, float]:
    """Return the share of pages from a threshold on, of wrong pages among them, and of right pages
    that it loses.
    """
    kept = p >= threshold
    return kept.mean(), (~is_right[kept]).mean() if kept.any() else 0.0, (~kept)[is_right].mean()


def curve_table(p: Array, is_right: Array, kind: Sequence[str]) -> str:
    """Return the table of thresholds for all pages and for articles."""
    articles = np.isin(kind, ["news", "article"])
    rows = []
    for threshold in THRESHOLDS:
        shares = (
            *curve(p, is_right, threshold),
            *curve(p[articles], is_right[articles], threshold),
        )
        rows.append([f"{threshold:.2f}", *(f"{100 * share:.0f} %" for share in shares)])
    heads = [
        f"{name}: {of}"
        for name in ("all pages", "articles")
        for of in ("kept", "wrong among them", "right ones lost")
    ]
    return _table(["threshold", *heads], rows)


def kinds(p: Array, is_right: Array, kind: Sequence[str]) -> str:
    """Return the table of the sets and kinds of pages."""
    rows = []
    for name in dict.fromkeys(kind):
        within = np.array([value == name for value in kind])
        rows.append(
            [name, str(within.sum()), f"{is_right[within].mean():.2f}", f"{p[within].mean():.2f}"]
        )
    return _table(["kind of page", "pages", "share of right pages", "mean confidence"], rows)


def check_snippets(
    results: Sequence[Result], names: Sequence[str], mean: Array, weights: Array
) -> None:
    """Print the mean confidence of the web pages by the share of snippets that their texts
    contain.
    """
    p = predict(
        np.array([[result.features[name] for name in names] for result in results]), mean, weights
    )
    recall = np.array([result.recall for result in results])
    for label, chosen in (
        ("all", recall == 1),
        ("over half", (recall < 1) & (recall > 0.5)),
        ("at most half", recall <= 0.5),
    ):
        print(
            f"\nweb pages with {label} of their snippets: {chosen.sum()}, mean confidence"
            f" {p[chosen].mean():.2f}",
            end="",
        )
    print()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def write_model(rows: Sequence[tuple[str, float, float]]) -> None:
    """Write the means and weights to the table of the model; the meanings of the features
    remain.
    """
    doubts = {row.feature: row.doubt for row in MODEL}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", "mean", "weight", "doubt"])
        writer.writerows(
            [name, f"{mean:.4f}", f"{weight:.4f}", doubts[name]] for name, mean, weight in rows
        )


def draw_curves(points: Sequence[tuple[float, ...]]) -> str:
    """Return an SVG image of the shares of pages by threshold."""
    parts = []
    for tick in range(11):
        x, y = 50 + 56 * tick, 320 - 28 * tick
        parts += [
            f'<path d="M{x} 40V320M50 {y}H610" stroke="#ddd"/>',
            f'<text x="{x}" y="336" text-anchor="middle">{tick / 10}</text>',
            f'<text x="44" y="{y + 4}" text-anchor="end">{tick * 10}%</text>',
        ]
    lines = {
        "pages kept": "#1f5fa8",
        "wrong pages among those kept": "#c0392b",
        "right pages lost": "#8a8a8a",
    }
    for number, (name, colour) in enumerate(lines.items(), 1):
        steps = " ".join(f"{50 + 560 * row[0]:.1f},{320 - 280 * row[number]:.1f}" for row in points)
        parts += [
            f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="2.5"/>',
            f'<text x="{190 * number - 140}" y="24" fill="{colour}">{name}</text>',
        ]
    parts.append(
        '<text x="330" y="354" text-anchor="middle">threshold of extraction_confidence</text>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 630 362" font-family="sans-serif"'
        ' font-size="11"><rect width="630" height="362" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def write_docs(tables: Sequence[str], p: Array, is_right: Array) -> None:
    """Draw the curve, and replace the tables of the page of the docs."""
    points = [
        (round(threshold, 3), *map(float, curve(p, is_right, threshold)))
        for threshold in np.arange(0, 0.991, 0.01)
    ]
    PICTURE.write_text(draw_curves(points), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    for name, table in zip(("summary", "calibration", "thresholds", "kinds"), tables, strict=True):
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, rest = text.split(begin, 1)
        text = before + begin + "\n" + table + "\n\n" + end + rest.split(end, 1)[1]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
