"""Check that the CPU time of all public functions for untrusted texts grows linearly with the text.

Each function is measured with a slow text and with a text that is four times as long. Linear work
takes four times as long, quadratic work sixteen times. Absolute times are not checked.
"""

import ast
import contextlib
import csv
import datetime as dt
import gc
import gzip
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.annotation.speech import shipped_posts, shipped_speakers, shipped_verbs
from tests.extraction import documents
from tests.fetch.loopback import feed_row
from tidings.annotation import (
    candidates,
    event_terms,
    folding,
    passages,
    plain_text,
    sentences,
    speakers,
    text_kinds,
)
from tidings.annotation.candidate_lists import Filter
from tidings.annotation.event_days import commonness
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.statements import StatementFinder
from tidings.annotation.typed_words import fold_article, typed_words
from tidings.annotation.word_query import WordQueryError, parse_words
from tidings.base import dates, decode, messages, owners, urls, writing
from tidings.base.languages.patterns import compile_pattern
from tidings.base.records import Robots
from tidings.extraction import (
    Page,
    authors,
    clean,
    dateline,
    extractors,
    language,
    measures,
    noise,
    page_metadata,
    parse,
    trim,
)
from tidings.fetch import (
    address_check,
    opml,
    response,
    response_body,
    rights,
    robots,
    signing,
    source_search,
)
from tidings.fetch.feed import read
from tidings.fetch.feed import text as feed_text
from tidings.fetch.response import Outcome
from tidings.fetch.sources import listing, sitemap
from tidings.paths import SEEDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
NOW = dt.datetime(2023, 9, 25, tzinfo=dt.UTC)
DAY = NOW.date()
URL = "https://news.example.org/2023/09/25/a.html"
MAX_RATIO = 8.0  # largest ratio of CPU times for four times the text: 4 is linear, 16 is quadratic
MEASURABLE = 0.004  # CPU seconds; ratios of shorter times are noise
DEAR = 0.5  # CPU seconds after which no longer text is tried
LENGTH = 4_000  # characters
# Ratio of shorter texts up to which longer ones are not measured: of a sum of linear and quadratic
# work whose ratio exceeds MAX_RATIO, a quarter of the text has a ratio of 5.3.
EVEN_RATIO = 5.0

WORDS = """
    推进 加快推进落实 推进更多更大更高水平的 推进、推进、 加快发展、 行动工程计划
    习近平主席强调，要坚持发展。 习近平主席强调，要坚持发展， 他指出，她表示，
    渔民周海澜在港口等。他走了。 据港务局局长周海澜介绍，北方海运公司总裁奥拉·汉森在会上表示，
    局长 港务局和 “港口开放。” 据港务局发布的数据统计 国务委员兼外交部部长、 总书记主席总理委员长
    “六稳”行动 表示说 在会议上对 习近平和李强、 一带一路
""".split()
SIGNS = """
    “ ; 《“ 1 1, . , a- l' _ @ a@ https://a.example/ / %2e a A Ａ１ 한 かな ﬁ㎢ 𠀀 ß 2023-09-25T (
    ([{ [a](b <script> <script>a <!-- <![CDATA[ <a <div> <b>a
    <item><title>a</title><link>https://a.example/</link></item> <item> < & &#x41; &amp; {"a": [
    text<br>
""".split()
Pump = str | tuple[str, str]
PUMPS: dict[str, Pump] = {
    **dict(zip(WORDS, WORDS, strict=True)),
    "spoken": "President Xi Jinping said that the plan matters. ",
    "short names": "The Port Times came. The Times said it is. Das Hafenamt sagte, es sei so. ",
    "spoken, one sentence": "President Xi Jinping said that the plan matters and ",
    "pronouns": "He said that she told him. She added that he knew. ",
    "lines below a quotation": ("“The port opens to ships in autumn, we hope.”", "\n"),
    "quotations of a paragraph": "“He said that Xi Jinping knew. \n\n",
    "names": "Xi Jinping, Li Qiang and Wang Yi, ",
    "names of nobody": "Minister Anna Muster Beispiel met ",
    "capitals": "Aa ",
    "initials": "A. ",
    "titles": "President Minister Chairman ",
    "quotes opened with words": "he said “we will, ",
    "quotes": '"a" ',
    "guillemets": "« a ",
    "brackets opened with words": "(a ",
    "blanks": " ",
    "tabs": "\t ",
    "newlines": "\n",
    "newlines apart": "\n \n",
    "blank lines with words": "a\n\n",
    "wide blanks": "\u3000",
    "style": "<style a",
    "comment closed wrongly": "<!-- a -- >",
    "doctype": "<!DOCTYPE [",
    "tag opened with attribute": '<a href="',
    "attributes": ' a="b"',
    "tags nested, with text": "<div>text of a div ",
    "links": '<p><a href="/a">a</a></p>',
    "links nested": "<ul><li><a href=/a>word ",
    "paragraphs": "<p>He said so in a paragraph of some length, as of 1 May 2023.</p>",
    "site names": " | news",
    "numbers": "1 ",
    "ellipses": "…. ",
    "abbreviations": "z.B. ",
    "words and commas": "word, ",
    "conjunctions": "and ",
    "und": "und ",
    "ly": "really ",
    "combining": "e\u0301",
    "combining only": "\u0301",
    "invisible": "\u200b",
    "nulls": "\0",
    "years": "2023 ",
    "dates": "25.09.2023 ",
    "dates cut": "25. September ",
    "months": "May May ",
    "times": "12:00 ",
    "numbered": "1. a 2. b\n",
    "phrases": "belt and road initiative ",
    "policy": "promote the policy plan ",
    "policy, one clause": "promote and advance the plan of ",
    "policy in German": "Plan für die Strategie fördern ",
    "policy in French": "renforcer le plan d'action de ",
    "spoken in German": "Bundesrat Ignazio Cassis hat Otto betont, ",
    "spoken in German, apart": "Cassis wies ",
    "spoken in French": "a déclaré le président Emmanuel Macron, ",
    "commas in json": '{"a":1, ',
    "disallow": "Disallow: /*a*b$\n",
    "agents": "User-agent: a\n",
    "by": "By Anna Muster and ",
    "shares": " | a",
    "arrows": " > a",
    "copyright": "© AFP / ",
    "said": "said ",
    "said by one": ("President Xi Jinping ", "said "),
    "said, with adverbs": ("President Xi Jinping said. He ", "really said really "),
    "blanks behind a name": ("President Xi Jinping said so. He said ", " "),
    "hyphens behind a name": ("President Xi Jinping said so. He said ", "a-"),
    "capitals behind a body": ("The Times said so. ", "A"),
    "hyphens in capitals behind a name": ("President Xi Jinping said so. He said ", "A-"),
    "titles without end behind a name": ("President Xi Jinping said so. He said ", "president"),
    "appositions": ("President Xi Jinping, ", "head of the office, "),
    "Bundesrat": ("Bundesrat Ignazio Cassis hat ", "den Rat betont und "),
    "dateline and blanks": ("新华社北京日电", " "),
    "dateline wide": "新华社北京日电 ",
    "offices behind a name wide": ("习近平主席强调，", "国务院总理兼"),
    "verbs behind a name wide": ("习近平主席在会议上", "表示强调"),
    "adverbs wide": ("习近平主席", "明确再次"),
    "names joined wide": ("习近平主席", "和李强总理"),
    "marks of two classes": "\u0301\u0327",
    "marks of two classes behind a letter": ("a", "\u0301\u0327"),
    "headings": "<h2>a heading</h2>",
    "bylines": "<p class=byline>By Anna Muster</p>",
    "bylines nested": "<div class=byline>By Anna Muster ",
    "spans of dates": "<span class=date>1 May 2023</span> ",
    "dates nested": "<div class=date>1 May 2023 ",
    "times nested": "<span><time>1 May 2023",
    "comments nested": "<div class=comment>text of a comment ",
    "leads nested": "<div class=lead>" + "text of a lead " * 4,
    "crumbs nested": "<ul class=breadcrumb><li>Home ",
    "authors nested": "<span itemprop=author>Anna Muster ",
    "tables nested": "<table><tr><td>text ",
    "contacts nested": "<div class=contact>text ",
    "feeds linked": "<li><a href=/rss.xml>feed ",
    "classes": ("<p class='", "article-body "),
    "classes without end": ("<p class='", "article-"),
    "canonical": "<link rel=canonical href=/a><link rel=alternate hreflang=en href=/a>",
    "metas": "<meta name=author content=a>",
    **dict(zip(SIGNS, SIGNS, strict=True)),
}
"""The units that texts repeat, by their name; WORDS and SIGNS are their own names."""
_PARTS = ["token", "token ", "password='", "cookie=;", "authorization:", "://a:", "key_id-", ",;)"]
SECRETS: list[Pump] = [
    unit for part in (*_PARTS, 'pass="\\') for unit in (part, ("password=", part))
]
"""Units of texts that almost contain a secret."""


def pumped(pump: Pump, length: int) -> str:
    """Return a text of a given length: an optional beginning, and then a repeated unit."""
    head, unit = ("", pump) if isinstance(pump, str) else pump
    return (head + unit * (length // len(unit) + 1))[:length]


def _clean(markup: str) -> object:
    return clean(Page(URL, URL, markup.encode(errors="replace"), "text/html; charset=utf-8", NOW))


def _in_pdf(text: str) -> str:
    """Return a text as the PDF shows it: a question mark for each character that its font lacks."""
    return text.encode("cp1252", "replace").decode("cp1252").replace("\0", " ")


def _pdf(text: str) -> object:
    """Read a PDF with the text in lines of 90 characters, 55 a page."""
    shown = _in_pdf(text)
    lines = [shown[start : start + 90] for start in range(0, len(shown), 90)]
    pages = [documents.column(lines[start : start + 55]) for start in range(0, len(lines), 55)]
    return clean(Page(URL, URL, documents.pdf(pages), "application/pdf", NOW))


def _docx(text: str) -> object:
    paragraphs = (f"<w:p><w:r><w:t>{escape(part)}</w:t></w:r></w:p>" for part in text.split("\n"))
    return clean(Page(URL, URL, documents.docx("".join(paragraphs)), None, NOW))


def _declared(text: str) -> str:
    html = """<html><head><title>{0}</title><meta name=author content='{0}'>
        <meta property='og:title' content='{0}'><meta name=date content='{0}'>
        <script type='application/ld+json'>{0}</script><script>{0}</script></head>
        <body><h1>{0}</h1><p class=byline>{0}</p><time>{0}</time><p>{0}</p></body></html>"""
    return html.format(text)


def _unless(error: type[Exception], read: Callable[[str], object]) -> Callable[[str], object]:
    """Return a probe that may raise an error."""

    def probe(text: str) -> None:
        with contextlib.suppress(error):
            read(text)

    return probe


def _robots(text: str) -> object:
    copy = Robots(URL, NOW, Outcome.OK, None, f"User-agent: *\n{text}", None)
    return robots.check_robots(copy, URL, "Tidings/1", NOW)


def _sentences(text: str, *, is_spaced: bool) -> object:
    return sentences.split_sentences(text, sentences.Span(0, len(text)), is_spaced=is_spaced)


def _feed(text: str) -> object:
    item = f"<item><title>{text}</title><description>{text}</description></item>"
    return read.read_feed(
        f"<rss version='2.0'><channel>{item}</channel></rss>".encode(errors="replace"),
        None,
        URL,
        "UTC",
        NOW,
    )


def _read_rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _statement_finder() -> StatementFinder:
    return StatementFinder(shipped_speakers(), shipped_verbs(), shipped_posts(shipped_speakers()))


@cache
def _gazetteer(language: str) -> speakers.Gazetteer:
    return speakers.Gazetteer(shipped_speakers(), language, shipped_posts(shipped_speakers()))


@cache
def _finder(language: str) -> candidates.Finder:
    rows = [
        candidates.EvidenceWord(row["language"][:2], row["word"], row["kind"])
        for row in _read_rows("evidence_words.csv")
    ]
    return candidates.Finder([row for row in rows if row.language == language], language)


@cache
def _counter(language: str) -> candidates.Counter:
    keys = {
        "en": ["belt and road", "policy plan", "a a"],
        "zh": ["一带一路", "行动工程", "推进推进"],
    }
    return candidates.Counter(keys[language], language, _finder(language).verbs)


@cache
def _filter(language: str) -> Filter:
    return Filter(
        language,
        unrelated=["storm", "台风"],
        names=["Xi Jinping", "习近平"],
        listed=["belt and road", "一带一路"],
    )


@cache
def _matcher() -> Matcher:
    shipped = [
        Phrase(
            row["phrase_id"],
            row["theme_id"],
            row["language"],
            row["phrase"],
            row["match_type"] or "phrase",
            row["role"],
            salience=row["salience"] or None,
        )
        for row in _read_rows("theme_phrases.csv")
    ]
    near: dict[str, Any] = {"requires_any": "harbour|港口", "exclude_regex": "(?:lake|湖)$"}
    return Matcher(
        [
            *shipped,
            Phrase("x1", "x", "en", "a", **near),
            Phrase("x2", "x", "en", "plan", window_chars=100, **near),
            Phrase("x3", "x", "zh", "推进", **near),
            Phrase("x4", "x", "en", "pre*", "prefix"),
            Phrase("x5", "x", "en", "a a", role="exclude"),
        ]
    )


def _said(tongue: str) -> Callable[[str], object]:
    return lambda text: _statement_finder().find(text, tongue, DAY)


def _page(text: str) -> bytes:
    links = f"<p class='{text[:200]}'><a href='/a'>{text[:2_000]}</a></p>"
    return f"<html><body><ul>{text}</ul>{links * 3}</body></html>".encode(errors="replace")


def _listing(text: str) -> object:
    body = f"<html><body><ul>{text}</ul></body></html>".encode(errors="replace")
    return listing.read_listing(body, None, URL, "UTC", NOW, feed_row("listing"))


PROBES: dict[str, Callable[[str], object]] = {
    "address_check.check_ip": address_check.check_ip.__wrapped__,
    "address_check.check_url": lambda text: address_check.check_url("https://a.example" + text),
    "response_body.detect_format": lambda text: response_body.detect_format(
        text.encode(errors="replace")
    ),
    "response_body.inflate": lambda text: response_body.inflate(
        gzip.compress(text.encode(errors="replace"))
    ),
    "dateline.agencies_in": lambda text: dateline.agencies_in([text]),
    "dateline.place_in": lambda text: dateline.place_in(text, [text]),
    "article.clean": _clean,
    "article.read_document": _pdf,
    "extraction.article.read_document (docx)": _docx,
    "extraction.article.clean (declared)": lambda text: _clean(_declared(text)),
    "dates.find_dates": lambda text: list(dates.find_dates(text, dt.UTC)),
    "dates.read_instant": lambda text: dates.read_instant(text, dt.UTC),
    "page_metadata.strings_of": lambda text: page_metadata.strings_of([text]),
    "decode.decode": lambda text: decode.decode(b"\xb0\xa1" + text.encode(errors="replace"), None),
    "decode.is_binary": lambda text: decode.is_binary(text.encode("utf-16", "replace")),
    "language.language_of": language.language_of,
    "messages.redact": lambda text: messages.redact(text, {}),
    "measures.content_hash": lambda text: measures.content_hash(text, text),
    "measures.count_words": measures.count_words,
    "writing.ends_sentence": writing.ends_sentence,
    "writing.estimate_words": writing.estimate_words,
    "trim.is_appeal": trim.is_appeal.__wrapped__,
    "trim.is_caption": trim.is_caption,
    "writing.names_speaker": writing.names_speaker,
    "writing.width": writing.width,
    "authors.names_in": lambda text: authors.names_in([text]),
    "noise.is_invitation": noise.is_invitation,
    "noise.is_state": noise.is_state,
    "noise.noise_word": noise.noise_word.__wrapped__,
    "parse.parse": parse.parse,
    "parse.squeeze": parse.squeeze,
    "extractors.read_lines": extractors.read_lines,
    "parse.plain": parse.plain.__wrapped__,
    "source_search.find_feeds": lambda text: source_search.find_feeds(
        BeautifulSoup(text, "lxml"), URL
    ),
    "listing.read_listing": _listing,
    "source_search.study_page": lambda text: source_search.study_page(
        _page(text), None, URL, "UTC", NOW
    ),
    "source_search.find_day_url": lambda text: source_search.find_day_url(f"{URL}{text}", NOW),
    "response.readable": response.readable,
    "dates.read_date": lambda text: dates.read_date(text, dt.UTC),
    "read.read_json_feed": lambda text: read.read_json_feed(text, URL, "UTC", NOW),
    "read.prepare_xml": lambda text: read.prepare_xml(f"{text}<rss>{text}"),
    "read.read_feed": _feed,
    "text.plain_text": lambda text: feed_text.plain_text(text, 1_000),
    "text.storable": feed_text.storable,
    "dates.read_zone": lambda text: dates.read_zone(text, dt.UTC),
    "measures.minhash": measures.minhash,
    "opml.read_opml": _unless(
        opml.OpmlError,
        lambda text: opml.read_opml(f"<opml><body>{text}</body></opml>".encode(errors="replace")),
    ),
    "owners.Owners.publisher_of": lambda text: owners.Owners([]).publisher_of(
        f"https://{text}.example/", DAY, None
    ),
    "owners.read_domain": _unless(ValueError, owners.read_domain),
    "robots.check_robots": _robots,
    "sitemap.read_sitemap": lambda text: sitemap.read_sitemap(
        text.encode(errors="replace"), URL, "UTC", NOW
    ),
    "response_body.decode_transfer": _unless(
        response_body.BodyError,
        lambda text: response_body.decode_transfer(
            b"2\r\nab\r\n" + text.encode(errors="replace"), "chunked", "br"
        ),
    ),
    "rights.matches": lambda text: rights.matches(text, f"/{text}"),
    "rights.read_header_statements": lambda text: rights.read_header_statements(
        dict.fromkeys(("content-usage", "content-signal", "x-robots-tag"), text)
    ),
    "rights.read_licence": lambda text: rights.read_licence(
        f"<rsl xmlns='https://rslstandard.org/rsl'>{text}</rsl>", "https://a.example"
    ),
    "rights.read_meta_statements": lambda text: rights.read_meta_statements(
        f"<meta name=robots content=noai>{text}".encode(errors="replace")
    ),
    "rights.read_robots_statements": lambda text: rights.read_robots_statements.__wrapped__(
        f"User-agent: *\nContent-Signal: {text}\n{text}", "Tidings"
    ),
    "rights.read_tdmrep": rights.read_tdmrep,
    "signing.read_wanted": signing.read_wanted,
    "urls.parse_url": urls.parse_url.__wrapped__,
    "urls.normalise_url": lambda text: urls.normalise_url(text, URL),
    "urls.contains_url": lambda text: urls.contains_url(
        text.encode(errors="replace"), urls.url_forms([URL])
    ),
    "urls.prepare_url": lambda text: urls.prepare_url(URL + text),
    "response.classify_response": lambda text: response.classify_response(
        403, {}, text.encode(errors="replace"), "page", is_conditional=False
    ),
    "response.read_retry_after": lambda text: response.read_retry_after(text, NOW),
    "dates.date_in_url": dates.date_in_url,
    "candidates.Counter.find": lambda text: _counter("en").find(text),
    "annotation.candidates.Counter.find (zh)": lambda text: _counter("zh").find(text),
    "event_days.commonness": lambda text: commonness(text, "en"),
    "candidates.locate": lambda text: candidates.locate(text, "a b", "en"),
    "candidate_lists.Filter.keeps": lambda text: _filter("en").keeps(text[:100]),
    "candidate_lists.Filter.resemblance": lambda text: _filter("en").resemblance(text),
    "candidates.Finder.find": lambda text: _finder("en").find(text),
    "annotation.candidates.Finder.find (de)": lambda text: _finder("de").find(text),
    "annotation.candidates.Finder.find (fr)": lambda text: _finder("fr").find(text),
    "annotation.candidates.Finder.find (zh)": lambda text: _finder("zh").find(text),
    "event_terms.find_event_terms": lambda text: event_terms.find_event_terms(text, text, "en"),
    "annotation.event_terms.find_event_terms (zh)": lambda text: event_terms.find_event_terms(
        text, text, "zh"
    ),
    "text_kinds.find_text_kind": lambda text: text_kinds.find_text_kind(text, "en"),
    "text_kinds.is_without_policy": lambda text: text_kinds.is_without_policy(text, "zh"),
    "folding.align": folding.align,
    "folding.fold": folding.fold,
    "matching.Matcher.contains_phrase": lambda text: _matcher().contains_phrase(text, None),
    "matching.Matcher.match": lambda text: _matcher().match(text, None, DAY),
    "matching.Matcher.match_article": lambda text: _matcher().match_article(
        text[:1_000], text, None, DAY
    ),
    "typed_words.TypedWords.match": lambda text: typed_words("rail|harb* NEAR/9 (a OR b)").match(
        text[:1_000], text, None
    ),
    "word_query.parse_words": _unless(
        WordQueryError, lambda text: parse_words(f"{text} AND {text}")
    ),
    "typed_words.fold_article": lambda text: fold_article(text[:1_000], text),
    "sentences.split_paragraphs": lambda text: list(sentences.split_paragraphs(text)),
    "sentences.split_sentences": lambda text: _sentences(text, is_spaced=True),
    "annotation.sentences.split_sentences (zh)": lambda text: _sentences(text, is_spaced=False),
    "speakers.Gazetteer.find": lambda text: _gazetteer("en").find(text, DAY),
    "annotation.speakers.Gazetteer.find (zh)": lambda text: _gazetteer("zh").find(text, DAY),
    "patterns.UserPattern.occurs_in": lambda text: compile_pattern(
        r"(\w+\s?)+!|\bx(\b\w+\W)*$"
    ).occurs_in(text),
    "plain_text.make_plain": plain_text.make_plain,
    "plain_text.without_accents": plain_text.without_accents,
    "passages.find_shared_passages": lambda text: passages.find_shared_passages(text, text),
    "passages.mark_passages": passages.mark_passages,
    "posts.Posts.read": lambda text: shipped_posts(shipped_speakers()).read(text, "en"),
    "annotation.posts.Posts.read (zh)": lambda text: shipped_posts(shipped_speakers()).read(
        text, "zh"
    ),
    "statements.StatementFinder.find": _said("en"),
    **{
        f"annotation.statements.StatementFinder.find ({tongue})": _said(tongue)
        for tongue in ("de", "fr", "it", "es", "zh")
    },
}

BESIDE = """
    annotate.describe_hits article.describe OfficeWords.read
    Posts.is_contradicted SpeakerNouns.may_be_surname Gazetteer.holder_of
    Gazetteer.is_contradicted months.without_accents Owners.is_named Owners.owner_of
    urls.is_home_page urls.article_key urls.capture_key urls.entry_key authors.full_name
    normalise.article_url
    normalise.normalise parse.name_test parse.is_anchor quality.is_other_page region.find_thread
    region.read_part trim.without_title client.follow_redirect FeedReader.run
    feed_reader.read_source response.read_validator response_body.is_document response_body.is_gzip
    rights.find_reservation rights.licence_urls RightsReader.add RightsReader.files_of
    RightsReader.is_due RightsReader.observe RightsReader.refuse RightsReader.store
    robots.read_robots selector_search.find_selector Signer.learn sources.__init__.follow
    sources.__init__.older_page window.may_belong window.may_list
"""
"""Functions for what a probe yields, or for a rare text, which call what probes call."""

OURS = """
    event_days.compare event_days.grow event_days.log_odds_of dictionaries.read_dictionary
    dictionaries.write_dictionary address_check.require_network
    signing.make_key signing.Signer.headers patterns.check_pattern
    budget.Ledger.is_used_up budget.Ledger.take budget.deferred_line dates.zone_of
    records.read_rules sources.__init__.fill_day_url request.send_request client.Client.fetch
    client.Client.fetch_many client.open_client address_check.Resolver.resolve opml.write_opml
    rate_limit.RateLimiter.turn
    rate_limit.RateLimiter.set_crawl_delay rate_limit.RateLimiter.pause
    rate_limit.RateLimiter.paused_until rate_limit.SharedLocks.give rate_limit.SharedLocks.take
    registry.read_publishers registry.read_registry worker_pool.fetch_all
    worker_pool.WorkerPool.log_slow sources.__init__.covered_period plural.listed owners.zone_of
    owners.registrable_domain plural.counted plural.plural sources.__init__.list_window
    window.day_span article.clean_batch confidence.contributions confidence.doubt_of
    confidence.estimate languages.words.words
    candidates.replace_surrogates candidate_lists.list_places
    source_version.source_version speakers.Gazetteer.gender speakers.Gazetteer.name
    speakers.Gazetteer.offices posts.Posts.holder annotation.tagging.read_cells
    typed_words.match_type typed_words.find_patterns phrases.spell_out __init__.language
    __init__.primary_language __init__.is_known record.keep_spelling record.no_inflections
    en.__init__.spellings en.__init__.inflections de.__init__.spellings de.__init__.inflections
    fr.__init__.inflections it.__init__.inflections es.__init__.inflections
    languages.words.by_first_letter languages.words.read_tables languages.words.read_record
    languages.words.read_language
"""
"""Functions without untrusted texts: settings, seeds, languages, and host names of at most 253
characters.
"""


def functions_called() -> set[str]:
    """Return the functions that the probes call with a stored page and texts of all units."""
    units = [pump if isinstance(pump, str) else "".join(pump) for pump in PUMPS.values()]
    page = (ROOT / "tests/extraction/pages" / "declared_news.html").read_text(encoding="utf-8")
    called = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    for probe in PROBES.values():
        for text in (page, "", *(sign.join(units) for sign in ("", "\n\n", "<p>"))):
            sys.setprofile(note)
            try:
                probe(text)
            finally:
                sys.setprofile(None)
    files = {code: Path(code.co_filename) for code in called}
    return {
        ".".join([*file.relative_to(ROOT).with_suffix("").parts, code.co_qualname])
        for code, file in files.items()
        if file.is_relative_to(ROOT / "tidings")
    }


def public_text_functions() -> set[str]:
    """Return public functions of fetch, extract and transforms with a text or page argument."""
    names: set[str] = set()

    def collect(body: list[ast.stmt], owner: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                collect(node.body, f"{owner}.{node.name}")
            elif isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef
            ) and not node.name.startswith("_"):
                types = " ".join(
                    ast.unparse(arg.annotation)
                    for arg in (*node.args.args, *node.args.kwonlyargs)
                    if arg.annotation
                )
                names.update(
                    [f"{owner}.{node.name}"]
                    if re.search(r"\b(?:str|bytes|Any|Element|Page)\b", types)
                    else []
                )

    for path in [
        ROOT / "tidings" / "base" / f"{name}.py"
        for name in ("urls", "owners", "dates", "decode", "budget", "writing")
    ] + [
        path
        for folder in ("base/languages", "annotation", "fetch", "extraction")
        for path in (ROOT / "tidings").glob(f"{folder}/**/*.py")
    ]:
        collect(
            ast.parse(path.read_text(encoding="utf-8")).body,
            ".".join(path.relative_to(ROOT).with_suffix("").parts),
        )
    return names


def test_every_function_that_takes_a_text_is_probed() -> None:
    """Each public function with a text argument is called by a probe, or listed with a reason."""
    public, called, listed = public_text_functions(), functions_called(), f"{BESIDE} {OURS}".split()
    matches = {
        entry: {name for name in public if f".{name}".endswith(f".{entry}")} for entry in listed
    }
    assert {entry: names for entry, names in matches.items() if len(names) != 1} == {}
    assert public - called - set().union(*matches.values()) == set()


@pytest.mark.parametrize("name", PROBES)
def test_the_work_grows_with_the_text(name: Any) -> None:
    """Four times the text takes at most eight times the CPU time, for all kinds of texts."""
    probe = PROBES[name]
    probe("What is loaded and compiled once is no work of a text. 推进")
    seen = _in_pdf if probe is _pdf else str
    pumps = [*PUMPS.values(), *(SECRETS if name == "messages.redact" else ())]
    # without texts that the probe reads as equal
    kinds = {seen(pumped(pump, 4 * LENGTH)): pump for pump in pumps}
    steep = {pump: ratio for pump in kinds.values() if (ratio := growth(probe, pump)) > MAX_RATIO}
    assert steep == {}


def growth(probe: Callable[[str], object], pump: Pump) -> float:
    """Return the ratio of the CPU times for a text and a text four times as long, or 0 if the times
    are too short.

    Dear work shows its growth with shorter texts. A high ratio is measured again, and once more
    with longer texts unless they take too long; the smallest ratio counts.
    """
    middle = _work(probe, pumped(pump, LENGTH), 1)
    if middle >= MEASURABLE:
        ratio = middle / _work(probe, pumped(pump, LENGTH // 4), 1)
        if ratio <= EVEN_RATIO:
            return ratio
    long = _work(probe, pumped(pump, 4 * LENGTH), 1)
    if MEASURABLE <= long < DEAR and long > MAX_RATIO * middle:
        middle, long = (_work(probe, pumped(pump, length), 3) for length in (LENGTH, 4 * LENGTH))
        if long > MAX_RATIO * middle:
            return min(long / middle, _work(probe, pumped(pump, 16 * LENGTH), 1) / long)
    return long / middle if long >= MEASURABLE else 0.0


def _work(probe: Callable[[str], object], text: str, times: int) -> float:
    """Return the shortest CPU time of several calls of a probe."""
    spent = []
    for _ in range(times):
        gc.collect(0)
        began = time.thread_time()
        probe(text)
        spent.append(time.thread_time() - began)
    return max(min(spent), 1e-6)
