"""Measure how well the text of PDF documents is read: words in order, over self-made documents with
a known reading order.

    python -m benchmarks.documents [--half dev|held]

The score of a document is the F1 of words in order: with L the longest common subsequence of the
expected words and the extracted words, F1 = 2 L / (number of expected words + number of extracted
words). A word is a run of letters and digits with its inner hyphens and apostrophes, in lower case
after NFKC; each Chinese, Japanese or Thai character counts as a word. Running heads and page
numbers are not expected, footnotes are expected at the end of their page, and the rows of a table
from left to right.

The rules were written with the half ``dev``. The documents of ``held`` have other layouts and
seeds. Two baselines run on the same files: the plain text of PDFium, and pdfminer.six with its
layout analysis.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import re
import time
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
from pdfminer.high_level import extract_text

from benchmarks.document_cases import dev, held
from tidings.extraction import Cleaned, Page, clean
from tidings.extraction.parse import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WORD = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\\W\u3040-\u30ff\u3400-\u9fff_]+(?:[-'’][^\\W_]+)*"
)


def words_of(text: str) -> list[str]:
    """Return the words of a text, as the module defines them."""
    return _WORD.findall(unicodedata.normalize("NFKC", text.replace("\u00ad", "")).casefold())


def common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence (Hyyrö 2004, with a big integer as bit
    vector).
    """
    places: defaultdict[str, int] = defaultdict(int)
    for place, word in enumerate(first):
        places[word] |= 1 << place
    ones = (1 << len(first)) - 1
    state = ones
    for word in second:
        matches = state & places[word]
        state = ((state + matches) | (state - matches)) & ones
    return len(first) - state.bit_count()


def score(expected: Sequence[str], text: str) -> float:
    """Return the F1 of words in order."""
    first, second = words_of(" ".join(expected)), words_of(text)
    return 2 * common(first, second) / (len(first) + len(second)) if first or second else 1.0


def by_tidings(pdf: bytes) -> str:
    """Return the text that Tidings extracts, or nothing if it names an outcome."""
    result = clean(
        Page(
            "https://a.example/a.pdf",
            "https://a.example/a.pdf",
            pdf,
            "application/pdf",
            dt.datetime.now(dt.UTC),
        )
    )
    if not isinstance(result, Cleaned):
        return ""
    return (
        result.body_text
        if plain(result.title) in plain(result.body_text)
        else f"{result.title}\n\n{result.body_text}"
    )


def by_pdfium(pdf: bytes) -> str:
    """Return PDFium's plain text."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text.replace("\r", "").replace("\x02\n", "").replace("\ufffe\n", "")


def by_pdfminer(pdf: bytes) -> str:
    """Return pdfminer.six's text."""
    return extract_text(io.BytesIO(pdf)).replace("-\n", "")


READERS: dict[str, Callable[[bytes], str]] = {
    "Tidings": by_tidings,
    "PDFium": by_pdfium,
    "pdfminer": by_pdfminer,
}


def main() -> None:
    """Print the scores by document, the means by half and the seconds per page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("dev", "held"))
    parser.add_argument("--only", default="", help="variants that contain this text")
    parser.add_argument(
        "--shift", type=int, default=0, help="added to each seed: other texts in the same layouts"
    )
    parser.add_argument("--write", type=Path, help="folder for the documents")
    options = parser.parse_args()
    halves = {"dev": dev, "held": held}
    for half in [options.half] if options.half else list(halves):
        scores: defaultdict[str, list[float]] = defaultdict(list)
        seconds: defaultdict[str, float] = defaultdict(float)
        pages = 0
        print(f"{half:32} pages  " + "  ".join(f"{name:>8}" for name in READERS))
        for number, (variant, (_, pdf, expected)) in enumerate(halves[half](options.shift)):
            if options.only not in variant:
                continue
            if options.write:
                options.write.mkdir(parents=True, exist_ok=True)
                (options.write / f"{half}{number:02d}.pdf").write_bytes(pdf)
                (options.write / f"{half}{number:02d}.txt").write_text(
                    "\n\n".join(expected), encoding="utf-8"
                )
            count = len(pypdfium2.PdfDocument(pdf))
            pages += count
            row = []
            for name, reader in READERS.items():
                start = time.process_time()
                text = reader(pdf)
                seconds[name] += time.process_time() - start
                row.append(score(expected, text))
                scores[name].append(row[-1])
            print(
                f"{variant:32} {count:5}  " + "  ".join(f"{value:8.3f}" for value in row),
                flush=True,
            )
        print(
            f"{'mean of ' + str(len(scores['Tidings'])):38}  "
            + "  ".join(f"{sum(scores[name]) / len(scores[name]):8.3f}" for name in READERS)
        )
        print(
            f"{'milliseconds per page':38}  "
            + "  ".join(f"{1000 * seconds[name] / pages:8.1f}" for name in READERS)
        )


if __name__ == "__main__":
    main()
