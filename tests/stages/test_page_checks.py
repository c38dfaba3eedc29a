"""Pages that are no articles, and repeated paragraphs, are recognised by comparing pages."""

import datetime as dt
from typing import Any

from tests.transforms.conftest import TinyLake, annotate_here
from tidings.stages.annotate import annotate_articles
from tidings.stages.page_checks import check_pages

TODAY = dt.date(2023, 9, 10)
DAY = "2023-09-05"
NOTICE = (
    "We value your privacy.\n\nWe and our partners store cookies on this device.",
    "Wir schätzen Ihre Privatsphäre.\n\nWir und unsere Partner speichern Cookies auf dem Gerät.",
    "Nous respectons votre vie privée.\n\nNous et nos partenaires déposons des traceurs.",
    "Teniamo alla tua privacy.\n\nNoi e i nostri partner archiviamo cookie sul dispositivo.",
    "我们重视您的隐私。\n\n我们和合作伙伴会在您的设备上存储信息。",
    "Cenimy prywatność.\n\nMy i nasi partnerzy przechowujemy pliki na urządzeniu.",
)
TITLES = {
    "zh": ["石桥重新开放迎来游客", "图书馆扩建工程完工", "果园丰收农户增收"],
    "en": [
        "Harbour bridge reopens after eleven weeks",
        "Council library extends evening hours",
        "Orchard farmers expect record harvest",
    ],
}
PROMOTION = "Read our special pages about factory robots and the river basin."


def add(lake: TinyLake, publisher: str, titles: list[str], bodies: list[str], **more: Any) -> None:
    """Add an article for each title, all on one day."""
    with lake.at_once():
        for number, (title, body) in enumerate(zip(titles, bodies, strict=True)):
            lake.add_article(f"{publisher}/{number:02}", publisher, DAY, title, body, **more)


def lists(lake: TinyLake, query: str) -> dict[str, Any]:
    """Return a query's lists by outlet."""
    return {str(publisher): found for publisher, found in lake.rows(f"{query} group by all")}


def reasons(lake: TinyLake) -> dict[str, Any]:
    """Check the pages of a lake, and return the reasons of each outlet's articles."""
    check_pages(lake.con)
    return lists(lake, "select publisher_id, list(excluded_reason order by url) from core.articles")


def test_one_text_under_three_titles_is_boilerplate(lake: TinyLake) -> None:
    """In any language, also if a line differs; two such pages show nothing."""
    outlets = {}
    for number, text in enumerate(NOTICE):
        titles = TITLES["zh" if text.startswith("我") else "en"]
        outlets[f"same {number}"] = titles, [text] * 3
        outlets[f"similar {number}"] = titles, [f"{text}\n\n{n}" for n in range(3)]
        add(lake, f"two {number}", titles[:2], [text] * 2)
    for publisher, (titles, bodies) in outlets.items():
        add(lake, publisher, titles, bodies)
    found = reasons(lake)
    assert {name: found.pop(name) for name in outlets} == dict.fromkeys(
        outlets, ["repeated_text"] * 3
    )
    assert {*map(tuple, found.values())} == {(None, None)}
    lake.con.execute("delete from core.articles where url like '%/02'")
    assert {*map(tuple, reasons(lake).values())} == {(None, None)}


SENTENCE = "The gate opens on Monday, said the council of the town."
NAMES = "Abbadessa David, 8048 Zürich; Altundemir Emre, 8590 Romanshorn; Amacher Jon, 3125 Toffen"
# Outlet, titles, texts, languages.
REAL = (
    (
        "a live report at several addresses",
        [
            "Live: harbour bridge opens",
            "Harbour bridge opens: live report",
            "The bridge opens live",
        ],
        ["Live report: the harbour bridge opens today.\n\nAt noon the first lorry crossed."] * 3,
        "en en en",
    ),
    ("one page with three session numbers", TITLES["en"][:1] * 3, [SENTENCE] * 3, "en en en"),
    (
        "translations that share names",
        ["Beförderungen im Offizierskorps", "Promotions dans le corps", "Promozioni nel corpo"],
        [f"{start}\n\n{NAMES}" for start in ("Zum Oberst", "Au grade de", "Al grado di")],
        "de fr it",
    ),
    (
        "short notices after one pattern",
        TITLES["en"],
        [f"Notice {n}: the hearing begins at {n} o'clock in room {n}." for n in range(3)],
        "en en en",
    ),
    ("titles too short to show anything", ["A", "B", "C"], [SENTENCE] * 3, "en en en"),
)


def test_real_texts_that_resemble_each_other_stay(lake: TinyLake) -> None:
    """A text counts if it contains the words of its titles, or differs, or is a translation."""
    for publisher, titles, bodies, languages in REAL:
        for number, language in enumerate(languages.split()):
            key = f"{publisher}/{number}"
            lake.add_article(key, publisher, DAY, titles[number], bodies[number], language=language)
    assert {*map(tuple, reasons(lake).values())} == {(None, None, None)}


def test_a_cut_off_text_far_below_the_usual_length_is_a_teaser(lake: TinyLake) -> None:
    """A short flash is whole, and an outlet with few whole articles has no usual length."""
    for publisher, words, is_truncated, known in (
        ("teaser", 90, True, 10),
        ("short but whole", 90, False, 10),
        ("cut off but long", 130, True, 10),
        ("usual length unknown", 90, True, 9),
    ):
        titles = [f"Report {number}" for number in range(known)]
        add(lake, publisher, titles, titles, word_count=300, is_truncated=False)
        more = {"word_count": words, "is_truncated": is_truncated}
        lake.add_article(f"{publisher}/99", publisher, DAY, "Last", "Body", **more)
    assert {name: found[-1] for name, found in reasons(lake).items() if found[-1]} == {
        "teaser": "teaser"
    }


def test_a_repeated_paragraph_has_no_mentions(lake: TinyLake) -> None:
    """From five texts and over 30 % of a week on. It keeps its text, and other offsets stay."""
    for publisher, promoted, others in (("31 %", 5, 11), ("29 %", 5, 12), ("four pages", 4, 0)):
        bodies = [f"Text {n}, a robotic arm.\n\n{PROMOTION}\n\nEnd {n}." for n in range(promoted)]
        bodies += [f"Other text {n}." for n in range(others)]
        add(lake, publisher, [f"Title {n}" for n in range(len(bodies))], bodies)
    same = f"Text, a robotic arm.\n\n{PROMOTION}"
    add(lake, "same text", [f"Title {n}" for n in range(5)], [same] * 5)
    annotate_articles(lake.con, annotate_here, TODAY)
    found = lists(
        lake,
        "select publisher_id, list_sort(list(distinct body_text[start_offset + 1:end_offset]))"
        " from annotations.mentions join core.articles using (article_id, publisher_id)"
        f" where contains(body_text, '{PROMOTION}')",
    )
    every = ["factory robots", "river basin", "robotic arm"]
    assert found.pop("31 %") == ["robotic arm"]
    assert found == dict.fromkeys(("29 %", "four pages", "same text"), every)


def test_later_pages_correct_repeated_paragraphs(lake: TinyLake) -> None:
    """Mentions return when the paragraph becomes rare, and a run without changes writes nothing."""
    titles = [f"Title {n} | Factory robots weekly" for n in range(5)]
    add(lake, "daily", titles, [f"Text {n}.\n\n{PROMOTION}" for n in range(5)])
    annotate_articles(lake.con, annotate_here, TODAY)
    assert lake.rows("select distinct repeated_paragraphs from core.articles") == [([0, 2],)]
    assert not lake.rows("from annotations.mentions")
    before = lake.snapshot()
    assert annotate_articles(lake.con, annotate_here, TODAY).outcomes == {}
    assert lake.snapshot() == before
    with lake.at_once():
        for number in range(12):
            lake.add_article(f"new {number}", "daily", DAY, f"New {number}", f"Text {number + 5}.")
    assert annotate_articles(lake.con, annotate_here, TODAY).outcomes == {"ok": 17}
    assert lake.rows("select field, count(*) from annotations.mentions group by all order by all")
    assert lake.rows("select distinct repeated_paragraphs from core.articles") == [(None,)]


def test_one_text_of_an_outlet_counts_once(lake: TinyLake) -> None:
    """Of the articles with the same text, or with the same title, day and nearly the same text,
    only the first counts; if it is removed, the next does. Short notices recur, and another
    outlet's copy is another article.
    """
    first, later = "2023-09-05 20:00:00+00", "2023-09-07 20:00:00+00"
    numbers, others = list(range(128)), [*range(110), *range(500, 518)]
    for key, publisher, day, seen, words, title, body, signature in (
        ("b1", "daily", DAY, first, 300, "Bridge", "The text.", numbers),
        ("a2?sid=7", "daily", "2023-09-07", later, 300, "Bridge", "The text.", numbers),
        ("c3/print", "daily", DAY, later, 299, "BRIDGE", "The text. Print.", others),
        ("d4", "daily", DAY, later, 300, "Bridge", "Another text.", list(range(1000, 1128))),
        ("e5", "daily", DAY, later, 300, "Another title", "The text. Print.", others),
        ("f1", "gazette", DAY, later, 300, "Bridge", "The text.", numbers),
        ("n1", "daily", DAY, first, 12, "Notice", "Closed.", []),
        ("n2", "daily", "2023-09-07", later, 12, "Notice", "Closed.", []),
    ):
        lake.add_article(
            key, publisher, day, title, body, first_seen_at=seen, word_count=words,
            signature=signature,
        )  # fmt: skip
    query = "select url from core.articles where excluded_reason = 'republished' order by url"
    check_pages(lake.con)
    found = lake.rows(query)
    assert found == [("http://outlet.example/a2?sid=7",), ("http://outlet.example/c3/print",)]
    lake.con.execute("delete from core.articles where url like '%/b1'")
    check_pages(lake.con)
    assert lake.rows(query) == []


def test_only_pages_of_changed_outlets_are_read_again(lake: TinyLake) -> None:
    """A check of all outlets finds nothing that the checks of the changed ones did not."""
    add(lake, "one", TITLES["en"], [NOTICE[0]] * 3)
    add(lake, "two", TITLES["en"][:2], [NOTICE[1]] * 2)
    reasons(lake)
    with lake.at_once():
        lake.add_article("two/02", "two", DAY, TITLES["en"][2], NOTICE[1])
    found = reasons(lake)
    assert found == {"one": ["repeated_text"] * 3, "two": ["repeated_text"] * 3}
    assert lake.rows("select distinct publisher_id from temp.pages") == [("two",)]
    lake.con.execute("delete from annotations.checked_outlets")
    assert reasons(lake) == found
    lake.con.execute("update core.articles set excluded_reason = null where publisher_id = 'one'")
    assert reasons(lake) == found
