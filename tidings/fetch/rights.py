"""Read what a publisher states about the use of its pages. docs/rights.md states the meaning and
the source of each statement.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain, product
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import unquote

import lxml.html
from lxml import etree

from tidings.base.urls import host_of, parse_url, prepare_url
from tidings.fetch.feed.text import SAFE, SILENT, SILENT_ENDS, drop_between

# meanings of a statement for a program that counts words and finds pages by their words
RESERVED = "reserved"
AI_ONLY = "ai_only"
PERMITTED = "permitted"
UNREADABLE = "unreadable"

MAX_FILE_BYTES = 256_000  # of a licence or tdmrep.json
MAX_RULES = 1_000  # of one file
MAX_TEXT = 300  # characters of a statement
_HEAD_BYTES = 131_072  # of a page in which meta elements are searched
_META = re.compile(r"<meta\s[^<>]{1,1000}>")
_MAX_META = 200
_MARKS = (b"tdm-reservation", b"noai", b"noimageai")
# product tokens of crawlers of AI companies, as documented, and of collections for training
AI_AGENT = re.compile(
    r"ai2bot|amazonbot|anthropic-ai|applebot-extended|bytespider|ccbot|chatgpt-user|claude-\w+"
    r"|claudebot|cohere-ai|cohere-training-data-crawler|cotoyogi|deepseekbot|diffbot|duckassistbot"
    r"|facebookbot|google-cloudvertexbot|google-extended|gptbot|icc-crawler|imagesiftbot"
    r"|img2dataset|meta-external\w+|mistralai-user|oai-searchbot|omgili(?:bot)?|pangubot"
    r"|perplexity-user|perplexitybot|timpibot|webzio-extended|youbot"
)
_MINING = re.compile(r"(?:^|[^a-z])tdm|text-?(?:and-?data-?)?min|data-?min")
# Labels of uses that include what Tidings does: any processing, text and data mining, search.
_OWN_USES = {"all", "bots", "search", "tdm"}
_AI_USES = re.compile(r"(?:train-)?(?:gen)?ai(?:-\w+)?|use")
_TOKENS = {"noai", "noimageai"}
_RSL = "{https://rslstandard.org/rsl}"
_KINDS = ("permits", "prohibits")
# payments that counting words does not owe; an unknown one may be owed
_UNPAID = {"free", "attribution", "training", "use", "inference"}
ALLOW, DISALLOW = "allow", "disallow"
_ACCESS = {ALLOW: PERMITTED, DISALLOW: RESERVED}
_RESERVATIONS = {"0": PERMITTED, "1": RESERVED}
# fields of robots files, and headers, that list uses, with the value that refuses one
_REFUSALS = {"content-usage": "n", "content-signal": "no"}


class Statement(NamedTuple):
    """One statement of a publisher. ``pattern`` limits it to paths, as in a robots file; empty:
    all. ``location`` is the URL of the file or page that contains it.
    """

    channel: str
    text: str
    meaning: str
    pattern: str = ""
    location: str = ""


def find_reservation(statements: Iterable[Statement], url: str) -> Statement | None:
    """Return the statement that reserves text and data mining of a URL, or None.

    Of one channel's statements, those with the longest matching pattern apply, a reservation first;
    of tdmrep.json, the first rule that matches.
    """
    path = decoded_path(url)
    chosen: dict[str, Statement] = {}
    for one in statements:
        if one.meaning in {RESERVED, PERMITTED} and matches(one.pattern, path):
            before = chosen.setdefault(one.channel, one)
            if one.channel != "tdmrep_file" and _weight(one) > _weight(before):
                chosen[one.channel] = one
    return next((one for one in chosen.values() if one.meaning == RESERVED), None)


def _weight(one: Statement) -> tuple[int, bool]:
    return len(one.pattern), one.meaning == RESERVED


def decoded_path(url: str) -> str:
    """Return path and query of a URL without percent-encoding, as ``matches`` compares them."""
    return unquote(_path_of(url) or "/")


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL, or an empty text for an invalid URL."""
    parts = parse_url(url)
    return parts.origin if parts else ""


def _path_of(url: str) -> str:
    return url[len(origin_of(url)) :].partition("#")[0]


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern with ``*`` and a final ``$`` matches a decoded path and query (RFC
    9309, 2.2.3), in linear time.
    """
    is_whole = pattern.endswith("$")
    first, *pieces = _pieces(pattern)
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(pieces, start=1):
        if is_whole and number == len(pieces):
            return path.endswith(piece) and len(path) - len(piece) >= at
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not is_whole or at == len(path)


@lru_cache(maxsize=8192)
def _pieces(pattern: str) -> tuple[str, ...]:
    return tuple(map(unquote, pattern.removesuffix("$").split("*")))


# names and values of a robots file; between some names and values, the colon may be missing
_AGENT = re.compile("user[ -]?agent")
_MISSPELT = re.compile("dis{1,2}all?ow|diasllow|disallaw")
_FIELD = re.compile(
    rf"((?:{_AGENT.pattern}|allow|{_MISSPELT.pattern})(?=\s+[^:\s])|[^:]+(?=:))\s*:?\s*(.*)",
    re.IGNORECASE,
)
_OF_SITE = re.compile("site-?maps?|host")  # fields for the whole site, which end no list of names
Rule = tuple[str, str]
Group = tuple[set[str], list[Rule]]


@lru_cache(maxsize=1024)
def read_robots_statements(text: str, agent: str) -> tuple[Statement, ...]:
    """Return the statements of a robots file: of the groups for ``agent`` (a product token), or
    else for all, and of the groups that address AI or text mining.
    """
    found: list[Statement] = []
    for field, value in chain(*rules_for(text, agent)):
        if field in _REFUSALS:
            has_path = field == "content-usage" and value.startswith("/")
            path, _, uses = value.partition(" ") if has_path else ("", "", value)
            found += _read_uses(field.replace("-", "_"), uses, _REFUSALS[field], path)
    found += _read_addressed(_read_groups(text))
    return tuple(found[:MAX_RULES])


def licence_urls(text: str, agent: str) -> list[str]:
    """Return the URLs of up to three licences for ``agent``: in its group, or else outside groups
    (RSL 1.0, 4.4).
    """
    common, own = (
        [value for field, value in rules if field == "license"] for rules in rules_for(text, agent)
    )
    return list(dict.fromkeys(own or common))[:3]


@lru_cache(maxsize=1024)
def rules_for(text: str, agent: str) -> tuple[list[Rule], list[Rule]]:
    """Return the rules of a robots file before any group, and those of the groups for ``agent``, or
    else for all.
    """
    groups = _read_groups(text)
    own, others = (
        [rule for agents, rules in groups if name in agents for rule in rules]
        for name in (agent.lower(), "*")
    )
    return groups[0][1], own or others


@lru_cache(maxsize=1024)
def _read_groups(text: str) -> list[Group]:
    """Return the groups of a robots file, each with its product tokens and rules. The first has the
    rules before other groups. As in other readers, a name or path needs no colon before it, and
    ``disallow`` may be misspelt.
    """
    groups: list[Group] = [(set(), [])]
    for line in text.splitlines():
        read = _FIELD.fullmatch(line.partition("#")[0].strip())
        if read is None or _OF_SITE.fullmatch(field := read[1].strip().lower()):
            continue
        if _AGENT.fullmatch(field):
            if groups[-1][1] or len(groups) == 1:
                groups.append((set(), []))
            groups[-1][0].add(read[2].lower().partition("/")[0].rstrip("* ") or "*")
        else:
            groups[-1][1].append((_MISSPELT.sub(DISALLOW, field), read[2]))
    return groups


def _read_addressed(groups: Iterable[Group]) -> Iterator[Statement]:
    """Yield the rules for text mining, and one statement for all AI crawlers that may request
    nothing.
    """
    refused: set[str] = set()
    for agents, rules in groups:
        if ("disallow", "/") in rules:
            refused.update(filter(AI_AGENT.fullmatch, agents))
        name = min(filter(_MINING.search, agents), default=None)
        for field, value in rules if name else ():
            if value and field in _ACCESS:
                text = f"User-agent: {name}; {field.capitalize()}: {value}"
                yield Statement("robots_group", text[:MAX_TEXT], _ACCESS[field], value)
    if refused:
        text = f"Disallow: / for {', '.join(sorted(refused))}"
        yield Statement("robots_group", text[:MAX_TEXT], AI_ONLY)


def _read_uses(channel: str, text: str, refusal: str, pattern: str = "") -> Iterator[Statement]:
    """Yield a statement for each known use in a list such as ``search=yes, ai-train=no``."""
    for part in text.split(",")[:50]:
        label, _, value = part.partition(";")[0].partition("=")
        label, value = label.strip().lower(), value.strip().lower()
        is_refused = value == refusal
        if label in _OWN_USES:
            meaning = RESERVED if is_refused else PERMITTED
        elif _AI_USES.fullmatch(label) and is_refused:
            meaning = AI_ONLY
        else:
            continue
        words = f"{pattern} {label}={value}".strip()
        yield Statement(channel, words[:MAX_TEXT], meaning, pattern)


def read_header_statements(headers: Mapping[str, str]) -> list[Statement]:
    """Return the statements in the headers of a response, which are about its body."""
    found = list(_read_reservation("tdmrep_header", headers.get("tdm-reservation")))
    for name, refusal in _REFUSALS.items():
        channel = f"{name.replace('-', '_')}_header"
        found += _read_uses(channel, headers.get(name, "")[:2_000], refusal)
    found += _read_tokens("x_robots_tag", headers.get("x-robots-tag", ""))
    return found


def read_meta_statements(body: bytes) -> list[Statement]:
    """Return the statements in the meta elements of a page."""
    head = body[:_HEAD_BYTES].lower().partition(b"<body")[0]
    if not any(mark in head for mark in _MARKS):
        return []
    shown = drop_between(head.decode("latin-1"), SILENT, SILENT_ENDS, " ")
    found: list[Statement] = []
    # one by one, because the time of lxml is quadratic in the attributes of an element
    for text in _META.findall(shown)[:_MAX_META]:
        element = lxml.html.fragment_fromstring(text)
        name, content = element.get("name", "").strip().lower(), element.get("content", "")
        if name == "tdm-reservation":
            found += _read_reservation("tdmrep_meta", content)
        elif name == "robots":
            found += _read_tokens("meta_robots", content)
    return found[:50]


def _read_reservation(channel: str, value: str | None, pattern: str = "") -> Iterator[Statement]:
    value = (value or "").strip()
    if value in _RESERVATIONS:
        text = f"{pattern} tdm-reservation: {value}".strip()[:MAX_TEXT]
        yield Statement(channel, text, _RESERVATIONS[value], pattern[:2_000])


def _read_tokens(channel: str, text: str) -> Iterator[Statement]:
    parts = text[:2_000].split(",")
    tokens = _TOKENS & {part.rpartition(":")[2].strip().lower() for part in parts}
    if tokens:
        yield Statement(channel, ", ".join(sorted(tokens)), AI_ONLY)


def decide_page(statements: Sequence[Statement]) -> Statement | None:
    """Return the statement of a page's headers and meta elements that reserves text and data
    mining, or None. A meta element of TDMRep replaces the header.
    """
    has_meta = any(one.channel == "tdmrep_meta" for one in statements)
    valid = [one for one in statements if not (has_meta and one.channel == "tdmrep_header")]
    return find_reservation(valid, "/")


def read_tdmrep(text: str) -> list[Statement]:
    """Return the rules of a file ``/.well-known/tdmrep.json``, in order."""
    rules = None
    with suppress(ValueError, RecursionError):
        rules = json.loads(text)
    if not isinstance(rules, list):
        return [_unreadable("tdmrep_file")]
    found: list[Statement] = []
    for rule in rules[:MAX_RULES]:
        if isinstance(rule, dict) and isinstance(pattern := rule.get("location"), str):
            found += _read_reservation("tdmrep_file", str(rule.get("tdm-reservation")), pattern)
    return found


def read_licence(text: str, origin: str) -> list[Statement]:
    """Return the terms of an RSL 1.0 licence: a statement for each ``content`` element about the
    host of an origin.
    """
    root = None
    with suppress(etree.LxmlError, ValueError):
        root = etree.fromstring(text.encode(), etree.XMLParser(**SAFE))
    if root is None or root.tag != f"{_RSL}rsl":
        return [_unreadable("rsl")]
    contents = root.findall(f"{_RSL}content")[:MAX_RULES]
    urls = [prepare_url(content.get("url") or "/", f"{origin}/") or "" for content in contents]
    return [
        _read_content(content, _path_of(url))
        for content, url in zip(contents, urls, strict=True)
        if host_of(url) == host_of(origin)
    ]


def _unreadable(channel: str) -> Statement:
    return Statement(channel, "The file is not in its format.", UNREADABLE)


def _read_content(content: Any, pattern: str) -> Statement:
    """Return the meaning of a ``content`` element's licences: a use that one prohibits is
    prohibited; otherwise the most favourable one applies.
    """
    if content.get("server"):
        text, meaning = f"a licence of {content.get('server')} is required", RESERVED
    else:
        read = [_read_terms(terms) for terms in content.findall(f"{_RSL}license")[:50]]
        _, text, meaning = min(read, key=itemgetter(0), default=(0, "no licence", AI_ONLY))
    return Statement("rsl", f"{pattern} {text}"[:MAX_TEXT], meaning, pattern)


def _read_terms(terms: Any) -> tuple[int, str, str]:
    """Return the rank (the lowest applies), the words and the meaning of one licence."""
    permitted, prohibited = (_words(terms, kind, "usage") for kind in _KINDS)
    words = f"prohibits {' '.join(sorted(prohibited)) or 'nothing'}"
    if prohibited & _OWN_USES:
        return 0, words, RESERVED
    if permitted and "all" not in permitted:
        return 2, f"permits only {' '.join(sorted(permitted))}", RESERVED
    if condition := next(_conditions(terms), None):
        return 2, condition, RESERVED
    return (1, "permits all", PERMITTED) if permitted else (3, words, AI_ONLY)


def _conditions(terms: Any) -> Iterator[str]:
    """Yield what else a licence demands: a payment, a report, or other users. A payment without a
    type and without terms of its own is free (RSL 1.0, 3.7).
    """
    for payment in terms.findall(f"{_RSL}payment"):
        price = payment.get("type", "of its own terms" if len(payment) else "free")
        if price not in _UNPAID:
            yield f"requires the payment {price}".strip()
    if terms.find(f"{_RSL}reporting") is not None:
        yield "requires reports"
    for kind, about in product(_KINDS, ("user", "geo")):
        if listed := _words(terms, kind, about):
            yield f"{kind} {about} {' '.join(sorted(listed))}"


def _words(terms: Any, kind: str, about: str) -> set[str]:
    elements = [one for one in terms.findall(f"{_RSL}{kind}") if one.get("type", "usage") == about]
    return {word for one in elements for word in re.split(r"[\s,]+", one.text or "") if word}
