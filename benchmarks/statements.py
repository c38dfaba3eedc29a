"""Score who said what on texts whose attributions are marked, beside published figures; no names
are given.

Run it with ``python -m benchmarks.statements [FOLDER]``. FOLDER has the files of the speakers
benchmark and its ``score.py``, which computes the figures: English news (PolNeAR) and German news
(Wikinews).

    --misses N       show N missed attributions of named speakers with a verb of saying
    --predictions F  also write what was found as JSON lines
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.areas import load_scorer
from tidings.annotation.quoting import TABLES, Quoter
from tidings.annotation.tagging import Text
from tidings.paths import SEEDS

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks" / "speakers"
SETS = (("english.jsonl", None), ("german.jsonl", "dev"), ("german.jsonl", "train"))
PUBLISHED = """Agreement of the annotators on attributions in PolNeAR: .923 (Newell, Margolin,
Ruths, LREC 2018). No figures of a system by kind of speaker are published for either set. With the
list of speakers alone, version 0.1 found .049 of all English attributions, .093 of persons with a
verb of saying, and no German ones."""


def main() -> None:
    """Print recall by kind of speaker, precision and seconds for each set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--misses", type=int, default=0)
    parser.add_argument("--predictions", type=Path)
    options = parser.parse_args()
    if not (options.folder / "score.py").is_file():
        sys.exit(f"{options.folder} does not contain the speakers benchmark.")
    scorer = load_scorer(options.folder / "score.py")
    quoter = Quoter(*map(_rows, TABLES))
    for name, split in SETS:
        documents = [
            row
            for row in scorer.read_jsonl(options.folder / name)
            if split in (None, row.get("split"))
        ]
        start = time.process_time()
        found = {
            row["id"]: quoter.quote(Text("", row["text"], row["language"], None))
            for row in documents
        }
        seconds = time.process_time() - start
        characters = sum(len(row["text"]) for row in documents)
        print(
            f"\n{name} {split or ''}: {seconds:.2f} CPU seconds,"
            f" {1e6 * seconds / characters:.2f} per million characters"
        )
        scorer.score(documents, found, misses=options.misses)
        if options.predictions:
            with options.predictions.open("a", encoding="utf-8") as file:
                file.writelines(
                    json.dumps({"id": id_, "statements": rows}, ensure_ascii=False) + "\n"
                    for id_, rows in found.items()
                )
    print(f"\n{PUBLISHED}")


def _rows(name: str) -> list[dict[str, Any]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
