"""Fit the weights that recognise a page's kind, and measure them on pages that had no part in the
fit.

    python benchmarks/page_kinds.py --pages DIR --older DIR [--nested] [--write]

DIR contains ``pages.zip``, ``truth.jsonl`` and ``score.py``: labelled pages of all kinds, and older
pages that count as articles. The model is a logistic regression with a quadratic penalty. An older
page weighs more, the more its text would lose if it was not read as an article. Each page also
enters the fit without some of its signs: class names, declarations, landmarks, the words of its
URL, or all of these. So no kind depends on one sign that other sites lack. Each tenth of the hosts
is predicted from the other nine (cross-validation). ``--nested`` also chooses the settings within
these nine, which takes half an hour. ``--write`` stores the weights of all pages in
``tidings/extraction/page_kind_weights.csv``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from tidings.base.decode import decode
from tidings.extraction.body import read_article
from tidings.extraction.page_kind import KINDS, WEIGHTS, Recognised, kind_of, recognise, signals_of
from tidings.extraction.page_metadata import read_declared
from tidings.extraction.parse import parse, strip
from tidings.extraction.records import NO_RULE

if TYPE_CHECKING:
    from collections.abc import Collection

FOLDS = 10
PENALTIES = (0.02, 0.04, 0.08)
LOSSES = (0.5, 1.0, 2.0)  # weight of an older page for each unit of F1 that it would lose
OLDER = 0.1  # weight of each older page
POORER = 0.3  # weight of a copy of a page without some of its signs
SIGNS = ("names", "declarations", "landmarks", "url")
LANDMARKS = ("main", "article", "section", "header", "footer", "nav", "aside")
BEST = (0.04, 1.0)
MERGED = {"collection": "listing"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page with its kind, its signals, and the F1 of its text read as an article and as its kind.

    ``poorer`` has the signals of its copies without some of its signs.
    """

    host: str
    kind: str
    is_older: bool
    signals: dict[str, float]
    as_article: float
    as_kind: float
    poorer: tuple[dict[str, float], ...]


def read_pages(folder: Path, *, is_older: bool) -> list[Labelled]:
    """Return the labelled pages of a folder."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    score = importlib.util.module_from_spec(spec)  # type: ignore[arg-type] # the file exists
    spec.loader.exec_module(score)  # type: ignore[union-attr]
    pages = []
    with (
        zipfile.ZipFile(folder / "pages.zip") as archive,
        (folder / "truth.jsonl").open(encoding="utf-8") as rows,
    ):
        for truth in map(json.loads, rows):
            html = decode(archive.read(truth.get("page") or f"{truth['id']}.html"), None)
            tree = parse(html)
            if tree is None:
                continue
            declared = read_declared(tree)
            url = (
                truth["url"]
                if truth["url"].startswith("http")
                else declared.canonical or declared.first("og:url") or ""
            )
            poorer = tuple(measure(parse(html), url, signs)[1] for signs in (*zip(SIGNS), SIGNS))
            found, signals = measure(tree, url)
            texts = [
                "\n".join(b.text for b in blocks)
                for blocks in (read_article(tree, declared, NO_RULE).blocks, found.read())
            ]
            as_article, as_kind = (_f1(score, truth, text) for text in texts)
            kind = "article" if is_older else MERGED.get(truth["page_type"], truth["page_type"])
            pages.append(
                Labelled(
                    urlsplit(url).netloc.removeprefix("www."),
                    kind,
                    is_older,
                    signals,
                    as_article,
                    as_kind,
                    poorer,
                )
            )
    return pages


def measure(
    tree: Any, url: str, without: Collection[str] = ()
) -> tuple[Recognised, dict[str, float]]:
    """Return a page as recognised and its signals, after removing these signs from its tree."""
    for element in [*tree.iter()]:
        if "names" in without:
            element.attrib.pop("class", None)
            element.attrib.pop("id", None)
        if "declarations" in without and (
            element.tag == "meta" or "ld+json" in (element.get("type") or "")
        ):
            element.drop_tree()
        if "landmarks" in without:
            element.attrib.pop("role", None)
            if element.tag in LANDMARKS:
                element.tag = "div"
    url = "https://site.example/page" if "url" in without else url
    declared = read_declared(tree)
    strip(tree)
    found = recognise(tree, declared, url)
    return found, signals_of(found.region, declared, url, found.thread)


def _f1(score: Any, truth: dict[str, Any], text: str) -> float:
    """Return the F1 of a text by the measure of its set: words, four-word sequences or snippets."""
    if "page_type" in truth:
        return float(score.word_f1(text, truth["text"])[0])
    if truth["set"] == "news":
        return float(score.f1(*score.body_counts(truth["text"], text)))
    text = score.flat(text)
    wanted, unwanted = (
        [score.flat(part) in text for part in truth[key]] for key in ("with", "without")
    )
    return float(score.f1(sum(wanted), sum(unwanted), len(wanted) - sum(wanted)))


def fit(
    pages: list[Labelled], penalty: float, loss: float, steps: int = 500
) -> dict[str, dict[str, float]]:
    """Return the weights of each kind by signal, fitted by Adam to weighted pages."""
    names = list(pages[0].signals)
    x = np.array(
        [
            [signals[name] for name in names]
            for page in pages
            for signals in (page.signals, *page.poorer)
        ]
    )
    middle, spread = x.mean(0), x.std(0) + 0.05
    x = np.hstack([(x - middle) / spread, np.ones((len(x), 1))])
    y = np.eye(len(KINDS))[
        [KINDS.index(page.kind) for page in pages for _ in (page.signals, *page.poorer)]
    ]
    importance = np.array(
        [OLDER + loss * max(0.0, p.as_article - p.as_kind) if p.is_older else 1.0 for p in pages]
    )
    importance = (importance[:, None] * [1.0, *[POORER] * len(pages[0].poorer)]).ravel()
    importance /= importance.sum()
    weights = np.zeros((len(names) + 1, len(KINDS)))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        power = np.exp((logits := x @ weights) - logits.max(1, keepdims=True))
        slope = x.T @ ((power / power.sum(1, keepdims=True) - y) * importance[:, None])
        slope[:-1] += penalty * weights[:-1]
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= 0.03 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    plain = weights[:-1] / spread[:, None]
    table = np.vstack([plain, weights[-1] - middle @ plain])
    return {
        kind: dict(zip([*names, "intercept"], table[:, at], strict=True))
        for at, kind in enumerate(KINDS)
    }


def fold_of(page: Labelled) -> int:
    """Return the page's part, the same for all pages of a host."""
    return int(hashlib.sha256(page.host.encode()).hexdigest(), 16) % FOLDS


def predict(
    pages: list[Labelled], others: list[Labelled], penalty: float, loss: float
) -> list[str]:
    """Return the kinds of pages by weights that were fitted to other pages."""
    weights = fit(others, penalty, loss)
    return [kind_of(page.signals, weights) for page in pages]


def crossed(pages: list[Labelled], penalty: float, loss: float) -> list[tuple[Labelled, str]]:
    """Return each page with the kind predicted from the pages of other hosts."""
    parts = [[page for page in pages if fold_of(page) == part] for part in range(FOLDS)]
    result: list[tuple[Labelled, str]] = []
    for part in parts:
        others = [page for other in parts if other is not part for page in other]
        result += zip(part, predict(part, others, penalty, loss) if part else [], strict=True)
    return result


def value(pairs: list[tuple[Labelled, str]]) -> float:
    """Return the mean F1 of the labelled pages if each is read as predicted, less twice the loss of
    the older ones.
    """
    reached = [
        page.as_article if kind == "article" else page.as_kind
        for page, kind in pairs
        if not page.is_older
    ]
    lost = [
        page.as_article - page.as_kind
        for page, kind in pairs
        if page.is_older and kind != "article"
    ]
    return sum(reached) / len(reached) - 2 * sum(lost) / max(
        1, sum(page.is_older for page, _ in pairs)
    )


def nested(pages: list[Labelled]) -> list[tuple[Labelled, str]]:
    """Return each page with the kind predicted by settings and weights that do not depend on its
    part.
    """
    result: list[tuple[Labelled, str]] = []
    for part in range(FOLDS):
        inner, outer = (
            [page for page in pages if (fold_of(page) == part) is is_outer]
            for is_outer in (False, True)
        )
        best = max(
            product(PENALTIES, LOSSES), key=lambda settings: value(crossed(inner, *settings))
        )
        result += zip(outer, predict(outer, inner, *best) if outer else [], strict=True)
    return result


def report(title: str, pairs: list[tuple[Labelled, str]]) -> None:
    """Print the confusion table of labelled pages, and the kinds of older pages."""
    fresh = [(page.kind, kind) for page, kind in pairs if not page.is_older]
    print(
        f"{title}: {sum(a == b for a, b in fresh) / len(fresh):.3f} correct, value"
        f" {value(pairs):.4f}"
    )
    print(f"{'':15}" + "".join(f"{kind[:9]:>10}" for kind in KINDS))
    for true in KINDS:
        print(f"{true:15}" + "".join(f"{fresh.count((true, kind)):10}" for kind in KINDS))
    print("older pages    ", dict(Counter(kind for page, kind in pairs if page.is_older)))


def main() -> None:
    """Print the figures; write the weights on request."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--older", type=Path, required=True)
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    pages = [*read_pages(options.pages, is_older=False), *read_pages(options.older, is_older=True)]
    report("cross-validated", crossed(pages, *BEST))
    if options.nested:
        report("nested", nested(pages))
    if options.write:
        weights = fit(pages, *BEST)
        with WEIGHTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["signal", *KINDS])
            for signal in weights[KINDS[0]]:
                writer.writerow([signal, *(f"{weights[kind][signal]:.3f}" for kind in KINDS)])


if __name__ == "__main__":
    main()
