"""Score the program on public benchmarks, and print each figure beside the published figure or a
peer in the same run.

    python -m benchmarks.public [FOLDER] [--only pages,areas] [--full]

FOLDER (default ``../shared``) has the development parts of the sets, each with its scorer; no rule
is written on the held-out parts. The texts belong to their publishers, so the repository does not
contain them; docs/quality.md names the origin of each set. A set that FOLDER lacks is reported as
absent. ``--full`` also prints the complete output of each scorer.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

TIDINGS = str(Path(sys.executable).with_name("tidings"))
NUMBER = r"(\d*\.?\d+)"


class Figure(NamedTuple):
    """A figure: what is measured, the pattern that finds ours in the output of the scorer, and its
    comparison.

    ``beside`` is a text, or a pattern that finds the figure of a peer in the same output.
    """

    measure: str
    pattern: str
    peer: str
    beside: str


class Benchmark(NamedTuple):
    """A set: its folder below FOLDER, its name and origin, and its figures."""

    folder: str
    name: str
    figures: tuple[Figure, ...]


BENCHMARKS = {
    "pages": Benchmark(
        "benchmarks/pages",
        "Pages of seven kinds (WCXB)",
        tuple(
            Figure(
                f"word F1, {label}",
                rf"(?s)\nours\n.*?{row} +\d+ +{NUMBER}",
                "trafilatura",
                rf"\n{row} +\d+ +{NUMBER}",
            )
            for row, label in (
                ("ALL", "all"),
                ("article", "articles"),
                ("listing", "listings"),
                ("forum", "forums"),
            )
        ),
    ),
    "extraction": Benchmark(
        "extraction",
        "Pages of news and of the web",
        tuple(
            Figure(
                f"body F1, {kind}",
                rf'(?s)\nours\n.*?{kind} .*?"f1": {NUMBER}',
                "trafilatura",
                rf'\n{kind} .*?"f1": {NUMBER}',
            )
            for kind in ("news", "web")
        ),
    ),
    "areas": Benchmark(
        "benchmarks/areas",
        "Policy areas (Policy Agendas Project)",
        (
            Figure(
                "sentences, macro-F1 of 22 classes",
                rf"(?s)sentences before and after.*?macro-F1 {NUMBER}",
                "published (Laurer et al.)",
                ".36 zero-shot, .536 trained on 500 labels, .687 on all",
            ),
            Figure("theme recall, English", rf"theme recall +\S+ = {NUMBER}", "", ""),
            Figure("theme recall, Chinese", rf"(?s)\nzh: .*?theme recall +\S+ = {NUMBER}", "", ""),
        ),
    ),
    "speakers": Benchmark(
        "benchmarks/speakers",
        "Who said what (PolNeAR, German Wikinews)",
        (
            Figure(
                "English, all attributions",
                rf"recall, all +\S+ = {NUMBER}",
                "annotators' agreement",
                ".923",
            ),
            Figure(
                "English, persons with a verb of saying",
                rf"recall, person, verb of saying"
                rf" +\S+ = {NUMBER}",
                "",
                "",
            ),
            Figure("English, precision", rf"precision +\S+ = {NUMBER}", "", ""),
            Figure(
                "German, all attributions",
                rf"(?s)german.jsonl dev.*?recall, all +\S+ ="
                rf" {NUMBER}",
                "",
                "",
            ),
            Figure(
                "German, precision", rf"(?s)german.jsonl dev.*?precision +\S+ = {NUMBER}", "", ""
            ),
        ),
    ),
    "events": Benchmark(
        "benchmarks/events",
        "Headlines of one story (UCI News Aggregator)",
        (
            Figure(
                "B-cubed F",
                rf"tidings.*?B3 F {NUMBER}",
                "tf-idf, running centroids",
                rf"tf-idf.*?B3 F {NUMBER}",
            ),
            Figure(
                "adjusted Rand index",
                rf"tidings.*?ARI {NUMBER}",
                "tf-idf, running centroids",
                rf"tf-idf.*?ARI {NUMBER}",
            ),
        ),
    ),
    "index": Benchmark(
        "oracles",
        "Policy uncertainty, 14 series (World Bank)",
        (
            Figure(
                "largest difference from the published index",
                r"largest difference (\S+)",
                "published",
                "0",
            ),
        ),
    ),
}


def main() -> None:
    """Print one table for all sets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared"
    )
    parser.add_argument("--only", default="")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(BENCHMARKS)
    if unknown := set(chosen) - BENCHMARKS.keys():
        sys.exit(
            f"{', '.join(sorted(unknown))} is not a benchmark; choose from {', '.join(BENCHMARKS)}."
        )
    table = Table("Set", "Measure", "Tidings", "Beside it", box=box.SIMPLE_HEAD)
    for key in chosen:
        benchmark = BENCHMARKS[key]
        if not (folder := options.folder / benchmark.folder).is_dir():
            table.add_row(benchmark.name, "[dim]absent: see docs/quality.md[/]", "", "")
            continue
        print(f"{benchmark.name} …", file=sys.stderr, flush=True)
        output = score(key, folder)
        if options.full:
            print(output)
        for number, figure in enumerate(benchmark.figures):
            beside = figure.beside if "(" not in figure.beside else find(figure.beside, output)
            table.add_row("" if number else benchmark.name, figure.measure,
                          find(figure.pattern, output),
                          f"{figure.peer} {beside}".strip())  # fmt: skip
    Console().print(table)


def find(pattern: str, output: str) -> str:
    """Return the figure that the pattern finds, or end the program with the output in which it is
    missing.
    """
    if found := re.search(pattern, output):
        return found[1]
    sys.exit(f"The scorer's output contains no {pattern!r}:\n{output}")


def score(key: str, folder: Path) -> str:
    """Return the output of the scorer of a set, for the program and for its peer where there is
    one.
    """
    if key in {"pages", "extraction"}:
        return score_pages(folder)
    if key == "index":
        return compare_index(folder)
    module = {"areas": "areas", "speakers": "statements", "events": "events"}[key]
    return run([sys.executable, "-m", f"benchmarks.{module}", str(folder)])


def score_pages(folder: Path) -> str:
    """Return the scores of trafilatura and of ``tidings extract`` on the same pages."""
    scorer = [sys.executable, str(folder / "score.py")]
    trafilatura = [sys.executable, str(Path(__file__).with_name("trafilatura_lines.py"))]
    pages = run([*scorer, "--pages"])
    output = ""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as file:
        for name, command in (("peer", trafilatura), ("ours", [TIDINGS, "extract"])):
            file.truncate(0)
            file.seek(0)
            file.write(run(command, pages))
            file.flush()
            output += f"\n{name}\n{run([*scorer, file.name])}"
    return output


def compare_index(folder: Path) -> str:
    """Return the largest difference between the indices of ``tidings index`` and the published
    ones, weighted and unweighted.
    """
    options = ["--baseline-until", "2020-12-31", "--missing", "zero", "--unscaled", "zero"]
    ours = read_rows(run([TIDINGS, "index", str(folder / "epu_counts.csv"), *options]))
    published = read_rows((folder / "epu_published.csv").read_text(encoding="utf-8"))
    pairs = [
        (ours[key][column], row[column])
        for key, row in published.items()
        for column in ("unweighted", "weighted")
    ]
    if ours.keys() != published.keys() or any(
        (found == "") != (known == "") for found, known in pairs
    ):
        sys.exit("The published series and ours have different months.")
    return (
        f"largest difference"
        f" {max(abs(float(found) - float(known)) for found, known in pairs if known):.1e}"
    )


def read_rows(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of a CSV text by series and month."""
    return {(row["series"], row["month"]): row for row in csv.DictReader(text.splitlines())}


def run(command: list[str], text: str = "") -> str:
    """Return the standard output of a command, or end the program with its error message."""
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return (
        ended.stdout
        if ended.returncode == 0
        else sys.exit(f"{' '.join(command)} failed:\n{ended.stderr[-2000:]}")
    )


if __name__ == "__main__":
    main()
