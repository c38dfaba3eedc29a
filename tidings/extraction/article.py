"""Convert the bytes of a page to an article step by step, and explain the result."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from tidings.base.decode import decode, is_binary
from tidings.base.guarded_pool import Failure, Result, Work, apply_guarded
from tidings.base.languages import primary_language
from tidings.extraction.authors import read_authors
from tidings.extraction.body import AGREE, TEXT, Body, four_grams, overlap, prose_of, read_body
from tidings.extraction.confidence import contributions, doubt_of, estimate, measure_features
from tidings.extraction.dateline import agencies_in, read_dateline
from tidings.extraction.document import (
    DOCUMENTS,
    MAX_WORDS,
    Document,
    as_page,
    find_documents,
    kind_of,
    page_starts,
    read_docx,
    title_of,
    without_leading_title,
)
from tidings.extraction.extractors import by_readability, second_opinion
from tidings.extraction.language import language_of
from tidings.extraction.measures import (
    MAX_LABEL,
    MAX_LEAD,
    MAX_NAMES,
    MAX_TEXT,
    MAX_TITLE,
    cut,
    measure,
    whole,
)
from tidings.extraction.page_metadata import (
    Declared,
    canonical_of,
    is_list,
    read_declared,
    translation_key_of,
)
from tidings.extraction.parse import Element, parse, strip, text_of
from tidings.extraction.publication_date import read_dates
from tidings.extraction.quality import excluded_reason, has_passage, is_other_page, is_truncated
from tidings.extraction.records import NO_RULE, Cleaned, ExtractionRule, Page, Unclean, select_rule
from tidings.extraction.text import Block, chars_of, read_blocks
from tidings.extraction.title import read_lead, read_section, read_title
from tidings.extraction.trim import (
    is_contradicted,
    needs_second_opinion,
    reconcile,
    trim,
    without_title,
)

MAX_BYTES = 24_000_000


@dataclass(frozen=True, slots=True)
class Explained:
    """The result and how it was found, for the author of a publisher's rule."""

    outcome: Cleaned | Unclean
    rule: str = ""
    body: Body | None = None
    # of the model of confidence; None: the text was not chosen among candidates
    features: dict[str, float] | None = None


def clean(page: Page) -> Cleaned | Unclean:
    """Return the article on a page, or a named outcome; never raises, whatever the bytes."""
    return explain(page).outcome


def explain(page: Page) -> Explained:
    """Return the article or outcome with each candidate's text; never raises."""
    try:
        return _explain(page)
    except MemoryError:
        reason = "The page needs more memory than cleaning may have."
        return Explained(Unclean("out_of_memory", reason))
    except Exception as error:  # noqa: BLE001 # any bytes must yield a named outcome that contains the error
        return Explained(Unclean("cleaning_failed", f"{type(error).__name__}: {error}"[:300]))


def _explain(page: Page) -> Explained:
    if rejection := _reject(page):
        return Explained(rejection)
    if document := read_document(page.body):
        return _explain_document(page, document)
    tree = parse(decode(page.body, page.content_type))
    if tree is None:
        return Explained(Unclean("unparsable", "The parser finds nothing in the page."))
    declared = read_declared(tree)
    documents = find_documents(tree, page.final_url)
    strip(tree)
    # lxml creates a new Python object at each access unless a reference to it exists
    elements = [*tree.iter()]
    rule = select_rule(page.rules, page.final_url, page.fetched_at.date())
    is_page = page.kind == "page"
    body = read_body(tree, declared, rule, page.final_url) if is_page else _entry_body(tree)
    result = _assemble(page, tree, declared, rule, body)
    if is_page and len(documents) == 1 and result.measures.word_count <= MAX_WORDS:
        result = replace(_with_document(page, tree, declared, result), document_url=documents[0])
    if features := measure_features(len(elements), body, result):
        result = replace(
            result,
            extraction_confidence=round(estimate(features), 4),
            extraction_doubt=doubt_of(features),
        )
    return Explained(result, rule.rule_id, body, features)


def _explain_document(page: Page, document: Document | Unclean) -> Explained:
    """Return a document's article; its first pages have title and date."""
    if isinstance(document, Unclean):
        return Explained(document)
    title = title_of(document, page.hint, page.final_url)
    tree = parse(as_page(document, title))
    declared = replace(read_declared(tree), scripted=document.created)
    result, body = _assemble_document(page, tree, declared, document, title)
    return Explained(result, body=body)


def _with_document(page: Page, tree: Element, declared: Declared, article: Cleaned) -> Cleaned:
    """Return the article with the text of the document to which its page leads, if readable."""
    document = read_document(page.document or b"")
    if isinstance(document, Document):
        return _assemble_document(page, tree, declared, document, article.title)[0]
    return article


def _assemble_document(
    page: Page, tree: Element, declared: Declared, document: Document, title: str
) -> tuple[Cleaned, Body]:
    """Return the article with a document's text, and its body."""
    parts = without_leading_title(document.parts, title)
    body = Body(tuple(Block("p", part.text, 0.0) for part in parts), document.kind)
    article = _assemble(page, tree, declared, NO_RULE, body)
    starts = page_starts(parts, document.read_count)
    if article.full_length > MAX_TEXT:
        starts = tuple(start for start in starts if start < len(article.body_text))
    article = replace(
        article,
        page_offsets=starts,
        page_count=document.page_count,
        is_truncated=article.is_truncated or len(starts) != document.page_count,
    )
    return article, body


def _reject(page: Page) -> Unclean | None:
    """Return the outcome of a file that is neither a page nor a document, or None."""
    if (size := len(page.body)) > MAX_BYTES:
        return Unclean("too_large", f"The page has {size:,} bytes; the limit is {MAX_BYTES:,}.")
    if not page.body.strip():
        return Unclean("empty", "The page is empty or contains only white space.")
    if not kind_of(page.body) and is_binary(page.body):
        reason = "The bytes are an image, an archive or another file, not a page or document."
        return Unclean("not_html", reason)
    return None


def _entry_body(tree: Element) -> Body:
    blocks = tuple(read_blocks(tree))
    return Body(blocks, "entry", None, {"entry": blocks})


def _assemble(
    page: Page, tree: Element, declared: Declared, rule: ExtractionRule, body: Body
) -> Cleaned:
    title = _text_by_selector(tree, rule.title) or read_title(
        tree, declared, page.hint.title, page.final_url
    )
    title = title[:MAX_TITLE]
    by_rule = _text_by_selector(tree, rule.date), rule.date_format
    published_at, modified_at, quality = read_dates(page, tree, declared, by_rule, title)
    signed = map(text_of, _select(tree, rule.author))
    authors = read_authors(page, tree, declared, signed, body.blocks)
    section = _text_by_selector(tree, rule.section) or read_section(tree, declared, title)
    names = (*authors, *declared.breadcrumbs, section or "")
    dateline = read_dateline(tree, body, names)
    blocks = _settle(body, tree, declared, title, (*authors, *dateline.lines))
    paragraphs = tuple(map(attrgetter("text"), _beginning(blocks)))
    languages = filter(None, map(language_of, ("\n\n".join(paragraphs), title)))
    lead = next((b.text for b in blocks if b.kind[0] != "h"), page.hint.summary)
    return Cleaned(
        title=title,
        lead=cut(lead, MAX_LEAD),
        paragraphs=paragraphs,
        authors=tuple(name[:MAX_LABEL] for name in authors[:MAX_NAMES]),
        agencies=tuple(dict.fromkeys((*agencies_in(authors), *dateline.agencies))),
        section=cut(section, MAX_LABEL),
        place=cut(dateline.place, MAX_LABEL),
        published_at=published_at,
        modified_at=modified_at,
        date_quality=quality,
        language=next(languages, page.hint.language),
        canonical_url=whole(canonical_of(declared, page.final_url)),
        translation_key=whole(translation_key_of(declared, page.final_url)),
        is_truncated=body.is_long or is_truncated(declared, blocks, tree),
        excluded_reason=rule.excluded or _excluded_reason(page, tree, declared, blocks, body),
        page_kind=body.page_kind,
        extractor=body.extractor,
        agreement=body.agreement and round(body.agreement, 4),
        full_length=body.full_length,
        measures=measure(title, paragraphs),
    )


def _settle(
    body: Body, tree: Element, declared: Declared, title: str, known: tuple[str, ...]
) -> list[Block]:
    """Return the blocks without the title; of an article also without both ends, with its
    standfirst.
    """
    blocks = _beginning(body.blocks)
    if body.is_whole:
        return without_title(blocks, title) if body.is_region else blocks
    blocks = _check(trim(blocks, title, known), body, tree, title, known)
    return blocks if body.is_given else [*read_lead(tree, declared, blocks, title), *blocks]


def _check(
    blocks: list[Block], body: Body, tree: Element, title: str, known: tuple[str, ...]
) -> list[Block]:
    """Return an article's blocks, reconciled with a second opinion if parts are doubtful."""
    outside = None if body.is_long or body.extractor == "trafilatura" else body.outside
    if outside is None or not needs_second_opinion(blocks, outside):
        return blocks
    body.candidates["second"] = body.candidates.get("trafilatura") or tuple(
        second_opinion(tree, body.beside)
    )
    second = trim(body.candidates["second"], title, known)
    is_prose = min(prose_of(blocks), prose_of(second)) >= TEXT
    if is_prose and is_contradicted(blocks, second):
        third = tuple(by_readability(tree))
        if overlap(four_grams(third), four_grams(tuple(second))) >= AGREE:
            return trim(third, title, known)
    return reconcile(blocks, second)


def _excluded_reason(
    page: Page, tree: Element, declared: Declared, blocks: list[Block], body: Body
) -> str | None:
    """Return why a page is not an article. A listing that a feed announces is one, unless it
    declares itself a list.
    """
    if body.extractor in DOCUMENTS:
        return None
    untrimmed = () if body.is_long or body.is_whole else body.blocks
    reason = excluded_reason(declared, blocks, untrimmed)
    is_counted = declared.is_article or (page.hint.title and not is_list(declared))
    is_index = body.page_kind == "listing" and not is_counted and not has_passage(blocks)
    return reason or ("index" if is_index else _other_page(page, tree, declared, blocks))


def _other_page(page: Page, tree: Element, declared: Declared, blocks: list[Block]) -> str | None:
    """Return other_page if a page in the language of its feed lacks the announced title."""
    if page.kind == "entry" or not page.hint.title:
        return None
    texts = [block.text for block in blocks]
    shared = declared.headline, declared.first("og:title", "twitter:title")
    titles = [*map(text_of, tree.iter("h1", "h2", "title")), *shared]
    languages = filter(None, (page.hint.language, language_of("\n\n".join(texts))))
    is_other = is_other_page(page.hint.title, "\n".join([*titles, *texts]))
    return "other_page" if is_other and len({*map(primary_language, languages)}) < 2 else None


def _beginning(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks up to MAX_TEXT characters with separators; the last one may be cut."""
    kept, room = list[Block](), MAX_TEXT
    for block in blocks:
        if room <= 0:
            break
        is_cut = len(block.text) > room
        kept.append(replace(block, text=block.text[:room]) if is_cut else block)
        room -= len(block.text) + 2
    return kept


def _select(tree: Element, selector: str | None) -> Sequence[Element]:
    return tree.cssselect(selector) if selector else ()


def _text_by_selector(tree: Element, selector: str | None) -> str | None:
    """Return datetime, content or text of a selector's first element that has one."""
    for element in _select(tree, selector):
        if value := element.get("datetime") or element.get("content") or text_of(element):
            return str(value)
    return None


def read_document(body: bytes) -> Document | Unclean | None:
    """Return a document's text, or a named outcome; None if the bytes are no document."""
    kind = kind_of(body)
    if kind == "pdf":
        from tidings.extraction.pdf import read_pdf  # noqa: PLC0415 # PDFium takes memory that pages do not need

        return read_pdf(body)
    if kind == "docx":
        return read_docx(body)
    reason = "The file has the format of Word 97 to 2003, which Tidings does not read."
    return Unclean("old_word", reason) if kind else None


def describe(page_id: str, page: Page, explained: Explained) -> str:
    """Return the explanation of a page as lines of text."""
    outcome, body = explained.outcome, explained.body
    rule = explained.rule or f"none of the {len(page.rules)} rules of this publisher matches"
    lines = [f"== {page_id}  {page.url}", f"rule        {rule}"]
    if not isinstance(outcome, Cleaned):
        return "\n".join([*lines, f"outcome     {outcome.outcome}: {outcome.reason}", ""])
    lines += [
        f"title       {outcome.title!r}",
        f"published   {outcome.published_at} ({outcome.date_quality})",
        f"authors     {list(outcome.authors)}   agencies {list(outcome.agencies)}",
        f"section     {outcome.section}   place {outcome.place}   language {outcome.language}",
        f"canonical   {outcome.canonical_url}",
        f"page kind   {outcome.page_kind}",
        f"chosen      {outcome.extractor}, agreement {outcome.agreement}",
        _confidence(outcome, explained.features),
        f"text        {len(outcome.paragraphs)} paragraphs, {len(outcome.body_text)} characters",
    ]
    lines += [f"excluded    {outcome.excluded_reason}"] if outcome.excluded_reason else []
    lines += ["truncated   the page contains only part of the text"] if outcome.is_truncated else []
    lines += [*_candidates(body), *_settled(body, outcome)] if body else []
    lines += ["paragraphs", *(f"  | {paragraph}" for paragraph in outcome.paragraphs), ""]
    return "\n".join(lines)


def _confidence(outcome: Cleaned, features: dict[str, float] | None) -> str:
    """Return the line of the confidence and the features that lower it, in log odds."""
    if features is None:
        return "confidence  not estimated: the rule or the feed defines the text"
    parts = (
        f"{doubt} {part:+.1f}" for doubt, part in contributions(features).items() if part < -0.1
    )
    lowered = ", ".join(parts)
    because = f"; lowered by {lowered}" if lowered else ""
    return f"confidence  {outcome.extraction_confidence} that the text is right{because}"


def _settled(body: Body, outcome: Cleaned) -> list[str]:
    """Return lines for the blocks that were removed (-) and the paragraphs that were added (+)."""
    chosen = dict.fromkeys(block.text for block in body.blocks)
    kept = dict.fromkeys(outcome.paragraphs)
    steps = "a repeated title removed" if body.is_whole else "both ends trimmed"
    steps += ", then reconciled with trafilatura" if "second" in body.candidates else ""
    return [
        f"changes     {steps}",
        *(f"  - {text[:110]}" for text in chosen if text not in kept),
        *(f"  + {text[:110]}" for text in kept if text not in chosen),
    ]


def _candidates(body: Body) -> Iterator[str]:
    """Yield lines for each candidate: its element, its size and its overlap with the others."""
    compared = "overlap of four-word sequences; if no two reach 0.8, all candidates vote"
    yield f"candidates  {'one: the page is read as a whole' if body.is_whole else compared}"
    grams = {name: four_grams(blocks) for name, blocks in body.candidates.items()}
    for name, blocks in body.candidates.items():
        shared = ", ".join(
            f"{other} {overlap(grams[name], grams[other]):.2f}" for other in grams if other != name
        )
        yield f"  {name:<12}{len(blocks)} blocks, {chars_of(blocks)} characters   {shared}"
        if name in body.places:
            yield f"              element {body.places[name]}"
        if blocks:
            yield f"              begins  {blocks[0].text[:70]!r}"
            yield f"              ends    {blocks[-1].text[-70:]!r}"


CPU_SECONDS = 10.0  # per page: the slowest of 636 labelled pages took 0.5
MEMORY_MB = 256  # per page beside a worker's libraries: the largest labelled page took 60


def clean_batch(
    pages: Iterable[Page],
    workers: int,
    cpu_seconds: float = CPU_SECONDS,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, Result]]:
    """Yield each page without its body, with its result, in input order; a page that exceeds a
    limit or kills its worker is Unclean with the outcome of ``apply_guarded``.
    """
    drawn: deque[Page] = deque()  # without their bodies, which may have 20 MB each

    def bodies() -> Iterator[Page]:
        for page in pages:
            drawn.append(replace(page, body=b"", document=None))
            yield page

    work = Work(
        _start,
        "Extraction",
        "cleaning",
        lambda page: f"{page.url} ({len(page.body):,} bytes)",
        lambda page: len(page.body),
        cpu_seconds,
        MEMORY_MB,
    )
    for found, seconds in apply_guarded(bodies(), work, workers, log):
        result = Unclean(*found) if isinstance(found, Failure) else found
        yield drawn.popleft(), Result(result, seconds)


def _start() -> Callable[[Page], Cleaned | Unclean]:
    language_of("Load the language model now, so that no page's time and memory includes it.")
    return clean
