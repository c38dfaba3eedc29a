"""261 sentences in six languages, each labelled with everyone who speaks in it."""

import csv
from pathlib import Path

from tests.annotation.speech import said_by

LABELLED = Path(__file__).parent / "sentences.csv"


def test_who_speaks_in_each_labelled_sentence() -> None:
    """The speakers of each sentence are those of the label, or ``found_instead`` where the program
    is known to be wrong: at most one in seven, and one in 25 names somebody who does not
    speak.
    """
    with LABELLED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    differing, invented, wrong = [], 0, 0
    for row in rows:
        said_in = said_by(row["text"], row["language"])
        found = dict.fromkeys(name for name, kind in said_in if kind != "unnamed")
        said = "; ".join(found) or "nobody"
        labels = row["speakers"].split("; ")
        if said != (row["found_instead"] or row["speakers"] or "nobody"):
            differing.append(f"{row['text']}: {said}")
        wrong += bool(row["found_instead"])
        invented += any(name not in labels for name in found)
    assert not differing
    assert len(rows) == 261
    assert wrong <= len(rows) / 7
    assert invented <= len(rows) / 25
