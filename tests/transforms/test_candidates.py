"""Candidate phrases: evidence, filters, counts and the ranked list."""

import datetime as dt
import math
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.conftest import TinyLake, copies_of, phrase_row
from tidings.annotation.candidate_lists import Filter, list_places
from tidings.annotation.candidates import (
    CLAUSE_SIGNS,
    FREE,
    HEADED,
    QUOTED,
    Counter,
    EvidenceWord,
    Finder,
    locate,
    make_key,
)
from tidings.annotation.event_days import commonness
from tidings.annotation.languages import language

WORDS = {
    ("zh", "verb"): ("加快", "培育", "发展", "落实", "坚持"),
    ("zh", "head_noun"): ("行动", "工程"),
    ("zh", "unrelated"): ("台风",),
    ("en", "verb"): ("promote", "advance"),
    ("en", "head_noun"): ("plan", "policy"),
    ("en", "unrelated"): ("storm",),
    ("de", "verb"): ("fördern",),
    ("de", "head_noun"): ("Plan", "Strategie"),
    ("fr", "verb"): ("renforcer",),
    ("fr", "head_noun"): ("plan",),
}
EVIDENCE = [
    EvidenceWord(code, word, kind) for (code, kind), words in WORDS.items() for word in words
]
SELECT = "+candidate_phrases"


def finder(language: str) -> Finder:
    """Return a finder with the evidence words of a language."""
    return Finder([word for word in EVIDENCE if word.language == language], language)


def find(text: str, language: str) -> set[tuple[str, str]]:
    """Return the keys of the sequences with their evidence."""
    return {(row.key, evidence) for row in finder(language).find(text) for evidence in row.evidence}


@pytest.mark.parametrize(
    ("language", "text", "key", "evidence"),
    [
        ("zh", "各地加快培育蓝色港湾，效果好。", "蓝色港湾", "培育"),
        ("zh", "静音走廊行动正在铺开。", "静音走廊行动", HEADED),
        ("zh", "会议讨论“蓝港倡议”，加快建设。", "蓝港倡议", QUOTED),
        ("en", "The towns promoted the quiet corridors and left.", "quiet corridors", "promote"),
        ("en", "Each town has a quiet corridors plan now.", "quiet corridors plan", HEADED),
        ("en", "A policy called “blue harbour pact” is new.", "blue harbour pact", QUOTED),
        ("de", "Der Rat will die blaue Hafenwende fördern.", "blaue hafenwende", "fördern"),
        ("de", "Der Stille-Korridore-Plan gilt.", "stille korridore plan", HEADED),
        ("fr", "Le plan de ports bleus est prêt.", "plan de ports bleus", HEADED),
    ],
)
def test_evidence(language: str, text: str, key: str, evidence: str) -> None:
    """A sequence is found by a policy verb before it, a head noun, or quotation marks."""
    assert (key, evidence) in find(text, language)


@pytest.mark.parametrize(
    ("texts", "is_found"),
    [
        ("深入实施[城市更新行动]。 加快[自我革命]步伐。 发展[就业优先]。 培育[和美乡村]。", True),
        ("加快[创新驱动发展]。 发展[以旧换新]。 推出“[两蓝]”行动。 实施“[港湾智能+]”行动。", True),
        ("坚持“[静海清流、蓝港共治]”方针。", True),
        ("落实更大规模[蓝港减费]。 发展真正的[蓝港共治]。", True),  # behind a word of degree
        # A sequence does not begin with a policy verb or within a word, and does not contain a
        # function word or a quantity.
        ("加快[发展港湾行动]。", False),  # a verb and its object
        ("加快[全面发展港湾]。", False),  # with the verb's adverb
        ("加快[性港湾行动]。", False),  # cut within a word
        ("加快[港湾和走廊]。 加快[三个港湾]。 加快[港湾等走廊]。 加快[港湾走廊中]。", False),
        ("加快“[静、清、蓝]”行动。", False),  # an enumeration, no slogan
    ],
)
def test_limits_of_a_sequence(texts: str, is_found: bool) -> None:
    """A function word's character may be in a formulation; quotes show its ends; no fragments."""
    for marked in texts.split():
        key = marked[marked.index("[") + 1 : marked.index("]")]
        text = marked.replace("[", "").replace("]", "")
        assert (key in {row.key for row in finder("zh").find(text)}) == is_found, text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "蓝色港湾很美。"),
        ("zh", "“蓝港倡议”三个字很大。"),
        ("en", "The quiet corridors were empty."),
        ("en", "They promote it, and the towns wait."),
        ("en", "They said “we are so very tired”."),
    ],
)
def test_without_evidence(language: str, text: str) -> None:
    """Without evidence nothing; a comma ends a sequence; a quotation needs a policy word nearby."""
    assert find(text, language) == set()


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("en", "The Federal Office for Harbour Policy answered.", "harbour policy"),
        ("de", "Das Bundesamt für Hafenstrategie antwortet.", "hafenstrategie"),
        ("fr", "L’Office fédéral du plan de ports répond.", "plan de ports"),
        ("en", "The Harbour Institute plan was read.", "harbour institute plan"),
    ],
)
def test_bodies(language: str, text: str, key: str) -> None:
    """Words within the name of an office or institute are no formulation; elsewhere they are."""
    assert key not in {found for found, _ in find(text, language)}
    assert ("harbour policy", HEADED) in find("The agency asks for a harbour policy.", "en")


def test_ends_and_forms_of_sequences() -> None:
    """A sequence does not end with a general adjective, because its noun is missing. The key is in
    lower case; the phrase keeps its spelling. A language without data has no places.
    """
    assert find("They advance harbours large, and leave.", "en") == set()
    found = {row.key: row.phrase for row in finder("de").find("Der Stille-Korridore-Plan gilt.")}
    assert found["stille korridore plan"] == "Stille-Korridore-Plan"
    assert make_key("Blue  Harbour-Pact", is_unspaced=False) == "blue harbour pact"
    assert list_places("xx") == frozenset()


@given(
    st.text(alphabet="加快行动的蓝港 ab“”。promote plan,.-'", max_size=80),
    st.sampled_from(["zh", "en", "de", "fr"]),
)
def test_sequences_stand_in_the_text(text: str, language: str) -> None:
    """Every sequence occurs in the text as written."""
    for row in finder(language).find(text):
        assert row.phrase in text
        assert row.key


def keeps(key: str, language: str = "zh") -> bool:
    """Return whether a filter with a few lists keeps a key."""
    names = {"zh": ["莫罗"], "en": ["Claire Moreau"]}[language]
    listed = {"zh": ["新型工业化"], "en": ["digital economy"]}[language]
    common = {"zh": ["工作机制"], "en": ["Pilot project"]}[language]
    lists = {"names": names, "listed": listed, "common": common}
    return Filter(language, unrelated=WORDS[language, "unrelated"], **lists).keeps(key)


@pytest.mark.parametrize(
    ("language", "keys", "is_kept"),
    [
        ("zh", "新型工业化道路", False),  # a listed phrase and little more
        ("zh", "莫罗行动 法国行动 北京行动 台风行动 行动莫罗精神 第三次行动 中国蓝港行动", False),
        ("zh", "工作机制", False),
        (
            "en",
            "digital economy, claire moreau plan, france plan, storm plan, pilot project",
            False,
        ),
        ("zh", "静音走廊行动 莫罗精神 北京蓝港先行区 新型工业化静音走廊行动 蓝港中国行", True),
        ("zh", "蓝港工作机制", True),
        ("en", "quiet corridors plan, harbour pilot project", True),
    ],
)
def test_which_sequences_are_kept(language: str, keys: str, is_kept: bool) -> None:
    """Names, places, numbers, fragments, everyday words, unrelated subjects and listed phrases are
    not candidates. Sequences that contain a listed phrase or everyday words remain, as do a
    doctrine with a name and a zone with a place.
    """
    for key in keys.split(" " if language == "zh" else ", "):
        assert keeps(key, language) == is_kept, key


@pytest.mark.parametrize(
    ("code", "text", "key"),
    [("en", "We promote quiet corridors.", "quiet corridors"), ("zh", "加快静音走廊", "静音走廊")],
)
def test_half_of_a_surrogate_pair_is_replaced(code: str, text: str, key: str) -> None:
    """A text with a lone surrogate has the same sequences and counts as with another sign."""
    broken = f"\ud83d {text} \udc80"
    assert key in {sequence.key for sequence in finder(code).find(broken)}
    assert [place[0] for place in Counter([key], code, ()).find(broken)] == [key]
    assert keeps(f"{key}\udc80", code)


def count(keys: Iterable[str], language: str, text: str) -> set[tuple[str, str, str, bool]]:
    """Return the places that a counter finds in a text."""
    return set(Counter(keys, language, ["加快"]).find(text))


WET = "Wet Quiet-Corridors of the towns"


@pytest.mark.parametrize(
    ("language", "key", "text", "places"),
    [
        ("zh", "静音走廊", "加快静音走廊建设。", {(FREE, "建", False)}),
        ("zh", "静音走廊", "加快静音走廊建设。加快静音走廊。", {(FREE, "建", True)}),
        ("zh", "静音走廊", "静音走廊加快。", {(FREE, "加", False)}),
        ("en", "quiet corridors", f"{WET}, dry quiet corridors here.", {("wet", FREE, False)}),
        ("en", "quiet corridors", f"{WET}, quiet corridors.", {("wet", FREE, True)}),
        ("en", "quiet corridors", "Towns were quiet. Corridors too", set()),
        ("en", "quiet corridors", "", set()),
    ],
)
def test_counted_with_neighbours(
    language: str, key: str, text: str, places: set[tuple[str, str, bool]]
) -> None:
    """Every occurrence counts; a neighbour is FREE at punctuation, function words, policy verbs."""
    assert count([key], language, text) == {(key, *place) for place in places}


PIECES = [*"abcA中.“\n\t\u2028", "the", "ΑΣ", "ας", "İ", "x_b", "a-b", "l'a", *" " * 4]


ENDS = {*language("en").bounds.stops, *CLAUSE_SIGNS}
TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")


@settings(deadline=None)  # the first texts wait for the search
@given(
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.sets(st.lists(st.sampled_from("a b c the ας".split()), min_size=1, max_size=4).map(" ".join),
            max_size=5),
)  # fmt: skip
def test_counted_together(text: str, keys: set[str]) -> None:
    """Several candidates together give the result of a search for each in the words of the text."""
    words = f" {' '.join(TOKEN.findall(text.lower()))} "
    places = set()
    for key in keys:
        sides = []
        for match in re.finditer(rf"(?= {key} )", words):
            left = words[: match.start()].rpartition(" ")[2]
            right = words[match.start() + len(key) + 2 :].partition(" ")[0]
            sides.append((FREE if left in ENDS else left, FREE if right in ENDS else right))
        if sides:
            places.add((key, *sides[0], (FREE, FREE) in sides))
    assert count(keys, "en", text) == places


@pytest.mark.parametrize(
    ("language", "text", "key", "found"),
    [
        ("zh", "加快静音走廊建设。", "静音走廊", "静音走廊"),
        ("en", "Wet Quiet-Corridors of the towns", "quiet corridors", "Quiet-Corridors"),
        ("fr", "Voici l’action de ports", "l action", "l’action"),
        ("en", "Quiet. Corridors", "quiet corridors", None),
        ("en", "unquiet corridors", "quiet corridors", None),
    ],
)
def test_located(language: str, text: str, key: str, found: str | None) -> None:
    """A candidate is located in the text as whole words without punctuation in between."""
    span = locate(text, key, language)
    assert (text[slice(*span)] if span else None) == found


@pytest.mark.parametrize(
    ("code", "everyday", "rare"),
    [
        ("zh", "管理工作", "蓝港共治"),
        ("en", "new world", "quokka harbours"),
        ("de", "neue zeit", "hafenwende"),
    ],
)
def test_commonness(code: str, everyday: str, rare: str) -> None:
    """Everyday words are in many of 2,000 general texts; rare ones, those of an unknown language
    and function words alone are in none.
    """
    assert commonness(everyday, code) > 2 > commonness(rare, code) >= 0
    assert commonness(everyday, "xx") == commonness("", code) == 0


@pytest.mark.parametrize(
    ("code", "key", "resemblance"),
    [
        ("zh", "新型农业", math.log(2) / 3),
        ("en", "digital plan", math.log(3) / 2),
        ("en", "harbour", 0),
    ],
)
def test_resemblance(code: str, key: str, resemblance: float) -> None:
    """Words of listed phrases count, in Chinese pairs of characters."""
    listed = ["新型工业化"] if code == "zh" else ["digital economy", "digital state"]
    chosen = Filter(code, unrelated=[], names=[], listed=listed)
    assert chosen.resemblance(key) == pytest.approx(resemblance)


TOWNS = ("Lindmar", "Veldis", "Korrin", "Ronsdal", "Vessin", "Norrby", "Castrel", "Eldrun")
LISTED = "select phrase, article_count from lake.marts.candidate_phrases order by rank"


def fill(lake: TinyLake, *plans: str) -> None:
    """Add half a year of ordinary reports on a plan of constant frequency, each new plan in five
    articles of the last weeks, and two letters on the first one. Of the themes, ``rail`` is in all
    articles on the first new plan, ``money`` in as many others, and ``post`` in the letters.
    """
    lake.insert("ref.evidence_words", *(word._asdict() for word in EVIDENCE))
    for phrase_id, theme, phrase in (
        ("p7", "rail", "corridors"), ("p8", "money", "budget"), ("p9", "post", "letter"),
    ):  # fmt: skip
        lake.insert("ref.themes", {"theme_id": theme, "parent_id": "industry", "kind": "theme"})
        lake.insert("ref.theme_phrases", phrase_row(phrase_id, theme, phrase))
    usual = "{} talks of the yearly budget plan{}.".format
    with lake.at_once():
        for number in range(60):
            day = str(dt.date(2023, 2, 1) + dt.timedelta(days=3 * number))
            body = usual(TOWNS[number % 8], " again")
            lake.add_article(f"old{number}", "daily", day, body=body)
        for number in range(20):
            day = str(dt.date(2023, 8, 16) + dt.timedelta(days=number))
            for plan in plans:
                new = f"{TOWNS[number % 8]} backs the {plan} plan." if number % 4 == 0 else "Rain."
                body = f"{new} {usual(TOWNS[number % 7], '')}"
                lake.add_article(f"{plan}{number}", "gazette", day, "Report", body)
        for day in ("2023-09-01", "2023-09-02"):
            lake.add_article(f"letter{day}", "gazette", day, body=f"Letter on the {plans[0]} plan.")


def add_one_plan(lake: TinyLake) -> None:
    """Add one new plan."""
    fill(lake, "quiet corridors")
    lake.build(select=SELECT)


filled = copies_of(add_one_plan)


def test_candidate_phrases(filled: TinyLake) -> None:
    """A new plan leads the list with its counts, first day, examples and outlets; a plan of
    constant frequency is not listed. A theme in all its articles is suggested, unless it is as
    frequent elsewhere or has fewer than three of them.
    """
    first, last = dt.date(2023, 8, 16), dt.date(2023, 9, 10)
    assert filled.rows(
        "select rank, phrase, article_count, policy_count, prior_count, first_seen_on, outlets,"
        " evidence, as_of, suggested_theme_ids from lake.marts.candidate_phrases"
    ) == [(1, "quiet corridors plan", 7, 7, 0, first, ["gazette"], ["head_noun"], last, ["rail"])]
    shown = filled.rows("select unnest(examples) from lake.marts.candidate_phrases")
    assert len(shown) == 3
    assert all("quiet corridors plan" in str(example) for (example,) in shown)
    assert not filled.audit(select="candidate_phrases").failed


@pytest.mark.slow
def test_recent_and_rare_first(filled: TinyLake) -> None:
    """A candidate whose third article is of the last week precedes an older one, and one of
    everyday words with the same articles.
    """
    for number in range(3):
        for name in ("amber tapirs", "family money"):
            body = f"Town {number} backs the {name} plan."
            filled.add_article(f"{name}{number}", "daily", f"2023-09-0{number + 5}", body=body)
    filled.build(select=SELECT)
    names = [str(phrase).removesuffix(" plan") for phrase, _ in filled.rows(LISTED)]
    assert names[0] == "amber tapirs"
    assert set(names[1:]) == {"quiet corridors", "family money"}


@pytest.mark.slow
def test_candidates_rest(filled: TinyLake) -> None:
    """A rerun writes nothing; listed phrases and deleted articles disappear. A part of a listed
    phrase is not a candidate while it mostly occurs within the phrase.
    """
    before = filled.snapshot()
    filled.build(select=SELECT)
    assert filled.snapshot() == before
    filled.con.execute("delete from lake.core.articles where url like '%corridors0'")
    update = "update ref.theme_phrases set phrase = ? where phrase_id = 'p1'"
    for phrase, count in (
        ("factory robots", 6),
        ("quiet corridors plan", 0),
        ("new quiet corridors plan of towns", 6),
        ("the quiet corridors plan", 0),
    ):
        filled.con.execute(update, [phrase])
        filled.build(select=SELECT)
        assert filled.rows(LISTED) == [("quiet corridors plan", count)] * (count > 0), phrase


# A verdict on a candidate of five articles, its day and articles, and whether it is listed again.
REVIEWS = {
    "quiet corridors": ("accepted", "2022-01-01", 1, False),
    "amber tapirs": ("rejected", "2023-09-09", 3, False),
    "copper lanterns": ("rejected", "2023-09-09", 2, True),
    "marble otters": ("rejected", "2023-06-18", None, True),  # the number is unknown: 84 days
    "velvet lagoons": ("rejected", "2023-06-19", None, False),
    "crimson willows": ("postponed", "2023-09-03", 5, True),
    "silver herons": ("postponed", "2023-09-04", 5, False),
}


@pytest.mark.slow
def test_reviewed_candidates_return(lake: TinyLake) -> None:
    """A rejected candidate returns when its use doubles, a postponed one in a week, others not."""
    fill(lake, "hollow beacons", *REVIEWS)
    lake.build(select=SELECT)
    listed = {str(phrase).removesuffix(" plan"): count for phrase, count in lake.rows(LISTED)}
    assert listed == {"hollow beacons": 7, **dict.fromkeys(REVIEWS, 5)}
    for plan, (verdict, day, count, _) in REVIEWS.items():
        review = {"phrase": f"{plan.capitalize()} plan", "language": "en", "reviewer": "a reader"}
        review |= {"verdict": verdict, "reviewed_on": day}
        lake.insert("ref.candidate_reviews", {**review, "article_count": count})
    lake.build(select=SELECT, reads_texts=False)
    found = {str(phrase).removesuffix(" plan") for phrase, _ in lake.rows(LISTED)}
    assert found == {"hollow beacons"} | {plan for plan, review in REVIEWS.items() if review[-1]}


@pytest.mark.slow
def test_few_articles_are_counted_by_quarter(filled: TinyLake) -> None:
    """A language with few articles in 28 days is counted over 84 days if enough precede them."""
    for number, day in enumerate(("2023-06-25", "2023-07-20", "2023-08-30")):
        body = f"Town {number} has a green piers plan."
        filled.add_article(f"q{number}", "daily", day, body=body)
    filled.build(select=SELECT)
    query = LISTED.replace("article_count", "article_count, period_days")
    assert ("green piers plan", 3, 84) in filled.rows(query)
    filled.con.execute("delete from lake.core.articles where published_on < '2023-06-01'")
    filled.build(select=SELECT)
    rows = filled.rows(query)
    assert ("quiet corridors plan", 7, 28) in rows
    assert "green piers plan" not in {row[0] for row in rows}
