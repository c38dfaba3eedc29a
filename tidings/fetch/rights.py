"""Read what a publisher states about the use of its pages: reservations of text and data mining,
and statements about artificial intelligence. docs/rights.md states the meaning and the source of
each.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import lxml.html
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# meanings of a statement for a program that counts words and finds pages by their words
RESERVED = "reserved"
AI_ONLY = "ai_only"
PERMITTED = "permitted"
UNREADABLE = "unreadable"

MAX_FILE_BYTES = 256_000  # of a licence or tdmrep.json
MAX_RULES = 1_000  # of one file
MAX_TEXT = 300  # characters of a statement
_HEAD_BYTES = 131_072  # of a page in which meta elements are searched
_MARKS = (b"tdm-reservation", b"noai", b"noimageai")
# Product tokens of the crawlers of AI companies, as these document them, and of collections that
# models are trained on.
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
_PAID = {"purchase", "subscription", "crawl"}


class Statement(NamedTuple):
    """One statement of a publisher.

    ``pattern`` limits it to paths, as in a robots file; empty: all paths. ``location`` is the URL
    of the file or page that contains it, if known.
    """

    channel: str
    text: str
    meaning: str
    pattern: str = ""
    location: str = ""


def find_reservation(statements: Iterable[Statement], url: str) -> Statement | None:
    """Return the statement that reserves text and data mining of a URL, or None.

    Of the statements of one channel, those with the longest matching pattern apply; among equal
    ones, a reservation does. In tdmrep.json, the first rule that matches applies.
    """
    path = _path_of(url) or "/"
    chosen: dict[str, Statement] = {}
    decisive = (one for one in statements if one.meaning in {RESERVED, PERMITTED})
    for one in (one for one in decisive if matches(one.pattern, path)):
        chosen[one.channel] = max(chosen.get(one.channel, one), one, key=_rank)
    return next((one for one in chosen.values() if one.meaning == RESERVED), None)


def _path_of(url: str) -> str:
    """Return the path and query of a URL, empty if it is invalid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return ""


def _rank(statement: Statement) -> tuple[int, bool]:
    is_first = statement.channel == "tdmrep_file"  # max returns the first of equal ones
    return (0, False) if is_first else (len(statement.pattern), statement.meaning == RESERVED)


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern with ``*`` and a final ``$`` matches a path and query (RFC 9309,
    2.2.3), in linear time.
    """
    if not pattern:
        return True
    is_whole = pattern.endswith("$")
    first, *pieces = (unquote(piece) for piece in pattern.removesuffix("$").split("*"))
    path = unquote(path)
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


@lru_cache(maxsize=1024)
def read_robots_statements(text: str, agent: str) -> tuple[Statement, ...]:
    """Return the statements of a robots file: those of the groups for ``agent`` (a product token),
    and the groups that address AI or text mining.
    """
    groups, common = _read_groups(text)
    found: list[Statement] = []
    for field, value in [*common, *_own_rules(groups, agent)]:
        if field == "content-signal":
            found += _read_uses("content_signal", value, "no")
        elif field == "content-usage":
            path, _, uses = value.partition(" ") if value.startswith("/") else ("", "", value)
            found += _read_uses("content_usage", uses, "n", path)
    found += _read_addressed(groups)
    return tuple(found[:MAX_RULES])


def licence_urls(text: str) -> list[str]:
    """Return the URLs of up to three licences (RSL 1.0) that a robots file names."""
    _, common = _read_groups(text)
    return list(dict.fromkeys(value for field, value in common if field == "license"))[:3]


Rule = tuple[str, str]
Group = tuple[frozenset[str], list[Rule]]


def _own_rules(groups: Sequence[Group], agent: str) -> list[Rule]:
    """Return the rules of the groups that name an agent, or else of those for all."""
    own = [rules for agents, rules in groups if agent.lower() in agents]
    own = own or [rules for agents, rules in groups if "*" in agents]
    return [rule for rules in own for rule in rules]


@lru_cache(maxsize=1024)
def _read_groups(text: str) -> tuple[list[Group], list[Rule]]:
    """Return the groups of a robots file, each with its product tokens and rules, and the rules
    before the first group and licences, which are for all.
    """
    groups: list[Group] = []
    common: list[Rule] = []
    agents: set[str] = set()
    rules: list[Rule] | None = None
    for line in text.splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if not colon:
            continue
        if field == "user-agent":
            if rules is not None:
                agents, rules = set(), None
            agents.add(value.lower())
        elif field == "license" or not agents:
            common.append((field, value))
        else:
            if rules is None:
                rules = []
                groups.append((frozenset(agents), rules))
            rules.append((field, value))
    return groups, common


_ACCESS = {"allow": PERMITTED, "disallow": RESERVED}


def _read_addressed(groups: Sequence[Group]) -> Iterator[Statement]:
    """Yield the rules for text mining, and one statement for all AI crawlers that may request
    nothing.
    """
    for name, (field, value) in _rules_for_mining(groups):
        if value and field in _ACCESS:
            text = f"User-agent: {name}; {field.capitalize()}: {value}"
            yield Statement("robots_group", text[:MAX_TEXT], _ACCESS[field], value)
    closed = (agents for agents, rules in groups if ("disallow", "/") in rules)
    refused = {name for agents in closed for name in agents if AI_AGENT.fullmatch(name)}
    if refused:
        text = f"Disallow: / for {', '.join(sorted(refused))}"
        yield Statement("robots_group", text[:MAX_TEXT], AI_ONLY)


def _rules_for_mining(groups: Sequence[Group]) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of the groups that name text mining, with that name."""
    for agents, rules in groups:
        if names := {name for name in agents if _MINING.search(name)}:
            for rule in rules:
                yield min(names), rule


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
    for name, channel, refusal in (
        ("Content-Usage", "content_usage", "n"),
        ("Content-Signal", "content_signal", "no"),
    ):
        if text := headers.get(name):
            found += _read_uses(f"{channel}_header", text[:2_000], refusal)
    if text := headers.get("X-Robots-Tag"):
        found += _read_tokens("x_robots_tag", text[:2_000])
    return found


def read_meta_statements(body: bytes) -> list[Statement]:
    """Return the statements in the meta elements of a page. Only pages that contain the name of one
    are parsed.
    """
    head = body[:_HEAD_BYTES]
    head = head.partition(b"<body")[0].partition(b"<BODY")[0]
    lowered = head.lower()
    if not any(mark in lowered for mark in _MARKS):
        return []
    try:
        tree = lxml.html.document_fromstring(head)
    except (etree.LxmlError, ValueError):
        return []
    found: list[Statement] = []
    for element in tree.iter("meta"):
        name = (element.get("name") or "").strip().lower()
        content = element.get("content")
        if name == "tdm-reservation":
            found += _read_reservation("tdmrep_meta", content)
        elif name == "robots" and content:
            found += _read_tokens("meta_robots", content[:2_000])
    return found[:50]


def _read_reservation(channel: str, value: str | None) -> Iterator[Statement]:
    """Yield the statement of a TDM reservation, 1 or 0; other values state nothing."""
    value = (value or "").strip()
    if value in {"0", "1"}:
        meaning = RESERVED if value == "1" else PERMITTED
        yield Statement(channel, f"tdm-reservation: {value}", meaning)


def _read_tokens(channel: str, text: str) -> Iterator[Statement]:
    tokens = _TOKENS & {part.rpartition(":")[2].strip().lower() for part in text.split(",")}
    if tokens:
        yield Statement(channel, ", ".join(sorted(tokens)), AI_ONLY)


def decide_page(statements: Sequence[Statement]) -> Statement | None:
    """Return the statement of a page's headers and meta elements that reserves text and data
    mining, or None. A meta element of TDMRep replaces the header (TDMRep, processing priority).
    """
    has_meta = any(one.channel == "tdmrep_meta" for one in statements)
    valid = [one for one in statements if not (has_meta and one.channel == "tdmrep_header")]
    return find_reservation(valid, "/")


def read_tdmrep(body: bytes, location: str) -> list[Statement]:
    """Return the rules of a file ``/.well-known/tdmrep.json``, in order."""
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        rules = None
    if not isinstance(rules, list):
        return [_unreadable("tdmrep_file", location)]
    found = []
    for rule in rules[:MAX_RULES]:
        pattern = rule.get("location") if isinstance(rule, dict) else None
        value = str(rule.get("tdm-reservation")) if isinstance(rule, dict) else ""
        if isinstance(pattern, str) and value in {"0", "1"}:
            meaning = RESERVED if value == "1" else PERMITTED
            text = f"{pattern} tdm-reservation: {value}"[:MAX_TEXT]
            found.append(Statement("tdmrep_file", text, meaning, pattern[:2_000], location))
    return found


def read_licence(body: bytes, location: str, host: str) -> list[Statement]:
    """Return the terms of an RSL 1.0 licence, a statement for each ``content`` element that is
    about a host.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None or root.tag != f"{_RSL}rsl":
        return [_unreadable("rsl", location)]
    found = []
    for content in root.findall(f"{_RSL}content")[:MAX_RULES]:
        url = (content.get("url") or "").strip()[:2_000]
        if _host_of(url) in {None, host}:
            found.append(_read_content(content, _path_of(url), location))
    return found


def _unreadable(channel: str, location: str) -> Statement:
    return Statement(channel, "The file is not in its format.", UNREADABLE, "", location)


def _read_content(content: Any, pattern: str, location: str) -> Statement:
    """Return the meaning of the licences of a ``content`` element. A use that one licence prohibits
    is prohibited; otherwise the most favourable licence applies.
    """
    read = [_read_terms(terms) for terms in content.findall(f"{_RSL}license")[:50]]
    prohibited = [term for term in read if term[1] == RESERVED and term[0].startswith("prohibits")]
    order = {PERMITTED: 0, RESERVED: 1, AI_ONLY: 2}
    ranked = prohibited or sorted(read, key=lambda term: order[term[1]])
    if content.get("server"):
        text, meaning = f"a licence of {content.get('server')} is required", RESERVED
    else:
        text, meaning = ranked[0] if ranked else ("no licence", AI_ONLY)
    return Statement("rsl", f"{pattern or '/'} {text}"[:MAX_TEXT], meaning, pattern, location)


def _read_terms(terms: Any) -> tuple[str, str]:
    """Return the words and the meaning of one licence for uses that are not AI."""
    permitted, prohibited = (_usage(terms, kind) for kind in ("permits", "prohibits"))
    payment = terms.find(f"{_RSL}payment")
    price = payment.get("type") if payment is not None else None
    if prohibited & _OWN_USES:
        return f"prohibits {' '.join(sorted(prohibited))}", RESERVED
    if permitted and "all" not in permitted:
        return f"permits only {' '.join(sorted(permitted))}", RESERVED
    if price in _PAID:
        return f"requires the payment {price}", RESERVED
    if permitted:
        return "permits all", PERMITTED
    return f"prohibits {' '.join(sorted(prohibited)) or 'nothing'}", AI_ONLY


def _usage(terms: Any, kind: str) -> set[str]:
    elements = [one for one in terms.findall(f"{_RSL}{kind}") if one.get("type") == "usage"]
    return {word for one in elements for word in re.split(r"[\s,]+", one.text or "") if word}
