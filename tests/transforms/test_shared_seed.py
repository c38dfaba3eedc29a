"""Statements and themes in the project's first article, if the shared material is available."""

from pathlib import Path

import duckdb
import pytest

from tests.transforms.speech import DAY, SEEDS, shipped_speakers, shipped_verbs
from tidings.transforms.text.matching import Matcher
from tidings.transforms.text.statements import StatementFinder
from tidings.transforms.text.udf import PHRASE_COLUMNS, read_phrases
from tidings.warehouse.reference import load_reference

ARTICLE = Path(__file__).parents[3] / "shared" / "seed" / "article.txt"
MIGRATIONS = Path(__file__).parents[2] / "warehouse" / "migrations"
POLITBURO = "member of the Political Bureau of the CPC Central Committee"
XI = "chairman of the Central Military Commission; general secretary of the CPC Central Committee; president"
LI = f"{POLITBURO.replace('member of the', 'member of the Standing Committee of the')}; premier"

pytestmark = pytest.mark.skipif(not ARTICLE.exists(), reason="needs ../shared/seed")


def test_the_seed_article() -> None:
    """Xi, Li and Zhang have exactly their own paragraphs, with verb, offices of the day and themes."""
    body = ARTICLE.read_text(encoding="utf-8").split("Share:")[1].strip()
    con = duckdb.connect()
    con.execute("attach ':memory:' as lake; use lake")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))
    load_reference(con, [SEEDS])
    matcher = Matcher(read_phrases(con, f"select {', '.join(PHRASE_COLUMNS)} from ref.theme_phrases"))
    found = []
    for one in StatementFinder(shipped_speakers(), shipped_verbs()).find(body, "en", DAY):
        themes = {hit.theme_id for hit in matcher.match(body[one.start : one.end], "en", DAY)}
        found.append((body[: one.start].count("\n\n"), one.person_id, one.office, one.verb, themes))
    new, modern = "new_industrialization", "chinese_modernization"
    assert found == [
        (0, "xi_jinping", XI, "stressed", {new, modern, "high_quality_development"}),
        (1, "xi_jinping", XI, "made the remarks", {new}),
        (2, "xi_jinping", XI, "said", {new, modern, "national_rejuvenation"}),
        (
            3,
            "xi_jinping",
            XI,
            "called for",
            {new, modern, "high_quality_development", "manufacturing_power", "digital_economy", "industrial_upgrading"},
        ),
        (4, "xi_jinping", XI, "instruction", {new}),
        (5, "li_qiang", LI, "stressed", {"supply_chain_resilience", "industrial_upgrading"}),
        (6, "li_qiang", LI, "urged", {"industrial_upgrading", "green_development"}),
        (7, "zhang_guoqing", f"{POLITBURO}; vice premier", "called for", {"industrial_security", "research_policy"}),
    ]
