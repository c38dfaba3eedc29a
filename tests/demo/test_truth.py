"""The planted truth."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tidings.demo import truth
from tidings.demo.records import Article
from tidings.demo.truth import read_consent
from tidings.demo.wordings import FUND, PLANTED, SLOGAN

ROOT = Path(__file__).parents[2]
PRINT_DIGEST = (
    "import hashlib; from tidings.demo import truth;"
    " print(hashlib.sha256(repr(truth()).encode()).hexdigest())"
)


def _with_theme(theme_id: str) -> list[Article]:
    return [a for a in truth().articles if any(m.theme_id == theme_id for m in a.text.mentions)]


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_other_process_plants_the_same(hash_seed: str) -> None:
    """The truth is identical in another process with another hash seed, time zone and locale."""
    here = hashlib.sha256(repr(truth()).encode()).hexdigest()
    environment = {"PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Auckland", "LC_ALL": "C", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here


def test_traps_are_there() -> None:
    """The sample has German text on an English page, spelling variants, nested phrases, an unlisted
    slogan, an old one that returns, an outlet that joins and pages that ask for consent.
    """
    articles = truth().articles
    assert sum(a.language == "de" and a.page_language == "en" for a in articles) == 4
    texts = {m.text for a in articles for m in a.text.mentions}
    assert {"harbour-compact", "high quality development", "new industrialisation"} <= texts
    assert all(any(form.text in texts for form in PLANTED[FUND].forms[n]) for n in range(3))
    unlisted = [a for a in articles if a.text.unlisted]
    assert min(a.published_on for a in unlisted) >= truth().unlisted_start
    assert {a.language for a in unlisted} == {"en", "zh", "de"}
    assert SLOGAN not in texts
    outlet, day = truth().joined
    assert min(a.published_on for a in articles if a.outlet == outlet) == day
    assert len(read_consent()) == 3
    behind = [a for a in articles if a.text.paragraphs == read_consent()]
    assert [a.excluded_reason for a in behind] == ["repeated_text"] * 4
    old, start = truth().old
    assert min(a.published_on for a in _with_theme(old)) >= start
    assert len({a.outlet for a in _with_theme(old)}) >= 3
    bodies = "\n".join(a.body for a in articles)
    assert "harbour compactness" in bodies
    assert "Hafenpaktregister" in bodies
    assert "Tove Aarnes" in bodies
