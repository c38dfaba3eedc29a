"""A page's bytes to an article: the steps of cleaning, in order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.flows.decode import decode
from tidings.flows.extract.agencies import agencies_in
from tidings.flows.extract.body import Body, read_body
from tidings.flows.extract.byline import read_authors
from tidings.flows.extract.dateline import read_dateline
from tidings.flows.extract.language import language_of
from tidings.flows.extract.lead import read_lead
from tidings.flows.extract.limits import MAX_LABEL, MAX_LEAD, MAX_NAMES, MAX_TEXT, MAX_TITLE, cut, measure, shorten, whole
from tidings.flows.extract.links import canonical_of, translation_key_of
from tidings.flows.extract.page_metadata import Declared, read_declared
from tidings.flows.extract.parse import parse, strip, text_of
from tidings.flows.extract.publication_date import read_dates
from tidings.flows.extract.quality import excluded_reason, is_truncated
from tidings.flows.extract.reconcile import is_open, second_opinion, settle
from tidings.flows.extract.records import Cleaned, Page, Unclean
from tidings.flows.extract.rules import select_rule
from tidings.flows.extract.section import read_section
from tidings.flows.extract.text import Block, read_blocks
from tidings.flows.extract.title import read_title
from tidings.flows.extract.trim import trim, without_contacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.rules import ExtractionRule

MAX_BYTES = 24_000_000
_NOT_HTML = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x00\x18ftyp",
    b"\x00\x00\x00 ftyp",
    b"ID3",
)


@dataclass(frozen=True, slots=True)
class Explained:
    """What cleaning saw on its way, for a person who writes a publisher's rule."""

    outcome: Cleaned | Unclean
    rule: str | None
    declared: Declared | None
    body: Body | None


def clean(page: Page) -> Cleaned | Unclean:
    """Return the article that a page holds, or a named outcome; never raises, whatever the bytes."""
    return explain(page).outcome


def explain(page: Page) -> Explained:
    """Return the article, and what each candidate said of its text."""
    try:
        return _explain(page)
    except MemoryError:
        return Explained(Unclean("out_of_memory", "The page needs more memory than cleaning may have."), None, None, None)
    except Exception as error:  # noqa: BLE001 # bytes come from anywhere: the promise is a named outcome, with what went wrong
        return Explained(Unclean("cleaning_failed", f"{type(error).__name__}: {error}"[:300]), None, None, None)


def _explain(page: Page) -> Explained:
    refused = _refuse(page)
    tree = None if refused else parse(decode(page.body, page.content_type))
    if refused or tree is None:
        return Explained(refused or Unclean("unparsable", "There is nothing in the page that a parser takes."), None, None, None)
    declared = read_declared(tree)
    strip(tree)
    held = [*tree.iter()]  # lxml makes an element anew for each look unless somebody holds it
    rule = select_rule(page.rules, page.final_url, page.fetched_at.date())
    body = _entry_body(page) if page.kind == "entry" else read_body(tree, declared, rule)
    found = _assemble(page, tree, declared, rule, body)
    del held
    return Explained(found, rule.rule_id if rule else None, declared, body)


def _refuse(page: Page) -> Unclean | None:
    if len(page.body) > MAX_BYTES:
        return Unclean("too_large", f"The page has {len(page.body):,} bytes, more than {MAX_BYTES:,}.")
    if not page.body.strip():
        return Unclean("empty", "The page has no bytes but white space.")
    if page.body.startswith(_NOT_HTML):
        return Unclean("not_html", "The bytes are a document, picture, sound or archive, not a page.")
    return None


def _entry_body(page: Page) -> Body:
    tree = parse(f"<div>{decode(page.body, page.content_type)}</div>")
    blocks = () if tree is None else tuple(read_blocks(tree))
    return Body(blocks, "entry", None, {"entry": blocks})


def _assemble(page: Page, tree: Element, declared: Declared, rule: ExtractionRule | None, body: Body) -> Cleaned:
    title = _ruled(tree, rule.title if rule else None) or read_title(tree, declared, page.hint.title, page.final_url)
    title = title[:MAX_TITLE]
    dates = read_dates(page, tree, declared, (_ruled(tree, rule.date), rule.date_format) if rule else (None, None), title)
    by_rule = [text_of(element) for element in tree.cssselect(rule.author)] if rule and rule.author else []
    authors = read_authors(page, tree, declared, by_rule, title)
    dateline = read_dateline(tree, body, dates.published_at)
    known = (*authors, *dateline.lines)
    full_length = max(0, sum(len(block.text) + 2 for block in body.blocks) - 2)
    is_long = full_length > MAX_TEXT
    blocks = trim(_beginning(body.blocks) if is_long else body.blocks, title, known, tree)
    if not is_long and body.outside is not None and body.extractor != "trafilatura" and is_open(blocks, body.outside):
        body.said["second"] = body.said.get("trafilatura") or tuple(second_opinion(tree, body.beside))
        second = trim(body.said["second"], title, known, tree)
        blocks = settle(blocks, second, without_contacts(second))
    if page.kind == "page" and not (rule and rule.body) and (standfirst := read_lead(tree, declared, blocks, title)):
        blocks = [Block("p", standfirst, 0.0), *blocks]
    paragraphs = shorten(block.text for block in blocks)
    lead = next((b.text for b in blocks if b.kind[0] != "h"), None)
    return Cleaned(
        title=title,
        lead=cut(lead or page.hint.summary, MAX_LEAD),
        paragraphs=paragraphs,
        authors=tuple(name[:MAX_LABEL] for name in authors[:MAX_NAMES]),
        agencies=tuple(dict.fromkeys((*agencies_in(authors), *dateline.agencies))),
        section=cut(_ruled(tree, rule.section if rule else None) or read_section(tree, declared, title), MAX_LABEL),
        place=cut(dateline.place, MAX_LABEL),
        dateline_on=dateline.on,
        published_at=dates.published_at,
        modified_at=dates.modified_at,
        date_quality=dates.quality,
        language=language_of("\n\n".join(paragraphs)) or language_of(title) or page.hint.language,
        canonical_url=whole(canonical_of(declared, page.final_url)),
        translation_key=whole(translation_key_of(declared, page.final_url)),
        is_truncated=is_long or is_truncated(declared, blocks, tree),
        excluded_reason=(rule.excluded if rule else None) or excluded_reason(declared, blocks, () if is_long else body.blocks),
        extractor=body.extractor,
        agreement=None if body.agreement is None else round(body.agreement, 4),
        full_length=full_length,
        measures=measure(title, paragraphs),
    )


def _beginning(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks up to MAX_TEXT characters: the rest would cost time and is not kept."""
    kept, room = list[Block](), MAX_TEXT
    for block in blocks:
        if room <= 0:
            break
        kept.append(dataclasses.replace(block, text=block.text[:room]))
        room -= len(block.text) + 2
    return kept


def _ruled(tree: Element, selector: str | None) -> str | None:
    """Return the text, or the datetime or content attribute, of the first element that a rule's selector finds."""
    for element in tree.cssselect(selector) if selector else ():
        if told := element.get("datetime") or element.get("content") or text_of(element):
            return str(told)
    return None
