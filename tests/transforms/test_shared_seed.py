"""Statements and themes in whole articles: one of ours, and the project's first if available."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from tests.annotation.speech import DAY, PEOPLE, shipped_speakers, shipped_verbs
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import Speaker
from tidings.annotation.statements import StatementFinder
from tidings.annotation.udf import PHRASE_COLUMNS
from tidings.paths import MIGRATIONS, SEEDS
from tidings.storage.reference import load_reference

OURS = Path(__file__).parents[1] / "extraction" / "pages" / "share_line_and_trail.json"
ARTICLE = Path(__file__).parents[3] / "shared" / "seed" / "article.txt"
POLITBURO = "member of the Political Bureau of the CPC Central Committee"
XI = (
    "chairman of the Central Military Commission; general secretary of the CPC Central Committee;"
    " president"
)
LI = f"{POLITBURO.replace('member of the', 'member of the Standing Committee of the')}; premier"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Return a matcher of the shipped phrases."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as lake; use lake")
    con.execute((MIGRATIONS / "schema.sql").read_text(encoding="utf-8"))
    load_reference(con, [SEEDS])
    rows = con.execute(f"select {', '.join(PHRASE_COLUMNS)} from ref.theme_phrases").fetchall()
    return Matcher([Phrase(*row) for row in rows])


def statements(
    body: str, people: tuple[Speaker, ...], matcher: Matcher, on: dt.date = DAY
) -> list[tuple[object, ...]]:
    """Return paragraph, person, office, verb and themes of each statement."""
    found = list[tuple[object, ...]]()
    _, mentions = matcher.match_article("A title", body, "en", on)
    for one in StatementFinder(people, shipped_verbs()).find(body, "en", on):
        themes = {hit.theme_id for hit in mentions if one.start <= hit.start and hit.end <= one.end}
        found.append((body[: one.start].count("\n\n"), one.person_id, one.office, one.verb, themes))
    return found


def test_our_article(matcher: Matcher) -> None:
    """Each of three speakers has exactly their own paragraphs, with verb, office and themes."""
    article = json.loads(OURS.read_text(encoding="utf-8"))["expected"]
    on = dt.date.fromisoformat(article["published_at"][:10])
    assert statements("\n\n".join(article["paragraphs"]), PEOPLE, matcher, on) == [
        (0, "moreau", "premier", "stressed", {"new_industrialization"}),
        (1, "moreau", "premier", "urged", {"green_development"}),
        (2, "brandt", "minister of finance", "said", {"digital_economy"}),
        (3, "he", "minister of ports", "called for", {"supply_chain_resilience"}),
    ]


@pytest.mark.skipif(not ARTICLE.exists(), reason="needs ../shared/seed")
def test_the_seed_article(matcher: Matcher) -> None:
    """Xi, Li and Zhang have exactly their own paragraphs, with verb, offices of the day and themes.

    The fifth paragraph states that an instruction was read out, and no content.
    """
    body = ARTICLE.read_text(encoding="utf-8").split("Share:")[1].strip()
    new, modern = "new_industrialization", "chinese_modernization"
    zhang, upgrading = f"{POLITBURO}; vice premier", "industrial_upgrading"
    called = {new, modern, "high_quality_development", "manufacturing_power", "digital_economy"}
    assert statements(body, shipped_speakers(), matcher) == [
        (0, "xi_jinping", XI, "stressed", {new, modern, "high_quality_development"}),
        (1, "xi_jinping", XI, "made the remarks", {new}),
        (2, "xi_jinping", XI, "said", {new, modern, "national_rejuvenation"}),
        (3, "xi_jinping", XI, "called for", called | {upgrading}),
        (5, "li_qiang", LI, "stressed", {"supply_chain_resilience", upgrading}),
        (6, "li_qiang", LI, "urged", {upgrading, "green_development"}),
        (7, "zhang_guoqing", zhang, "called for", {"industrial_security", "research_policy"}),
    ]
