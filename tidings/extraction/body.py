"""Find the article's text: two cheap candidates, and a vote of more if they disagree. If the page
has much more prose, other extractors decide whether it belongs to the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import permutations
from operator import itemgetter

from tidings.base.decode import unescape
from tidings.base.writing import names_speaker
from tidings.extraction.candidates import Measured, find_bodies, measure
from tidings.extraction.document import DOCUMENTS
from tidings.extraction.extractors import by_readability, by_trafilatura, second_opinion
from tidings.extraction.measures import MAX_TEXT, WORD
from tidings.extraction.page_kind import ARTICLE, is_declared_article, recognise
from tidings.extraction.page_metadata import Declared, strings_of
from tidings.extraction.parse import Element, body_of, parse, squeeze, text_of
from tidings.extraction.records import ExtractionRule
from tidings.extraction.text import Block, chars_of, linked_of, read_blocks
from tidings.extraction.trim import is_prose

Texts = dict[str, tuple[Block, ...]]  # of candidates, by name

_MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|ul|li|strong|em|a)\b[^<>]{0,400}>", re.IGNORECASE)
# overlap below which readability votes, too; from 0.65 to 0.8 it changed one labelled page of 876
_UNDECIDED = 0.65


@dataclass(frozen=True, slots=True)
class Body:
    """The chosen text, its extractor, and the texts of all candidates."""

    blocks: tuple[Block, ...] = ()
    extractor: str = "none"
    agreement: float | None = None
    candidates: Texts = field(default_factory=dict)
    # each candidate's element, written as a CSS selector
    places: dict[str, str] = field(default_factory=dict)
    beside: tuple[Element, ...] = ()  # elements that are certainly boilerplate
    element: Element | None = None  # with the text; None: an extractor without elements chose it
    outside: float | None = None  # share of the page's text outside the article, if it was chosen
    page_kind: str = ARTICLE

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is trimmed."""
        return self.is_region or self.extractor in DOCUMENTS

    @property
    def is_region(self) -> bool:
        """Return whether the text is the whole of a page that is not an article."""
        return self.extractor in {"posts", "region"}

    @property
    def full_length(self) -> int:
        """Return the number of characters with an empty line between blocks."""
        return len("\n\n".join(block.text for block in self.blocks))

    @property
    def is_long(self) -> bool:
        """Return whether only the beginning of the text is stored."""
        return self.full_length > MAX_TEXT

    @property
    def is_given(self) -> bool:
        """Return whether a rule or the feed defines the text."""
        return self.extractor == "entry" or self.extractor.startswith("rule:")


def read_body(tree: Element, declared: Declared, rule: ExtractionRule, url: str) -> Body:
    """Return the page's text: by the publisher's rule, else by the page's kind."""
    found = None if is_declared_article(declared, url) else recognise(tree, declared, url)
    kind = found.kind if found else ARTICLE
    if rule.body and (blocks := tuple(read_blocks(tree, rule.drop, body=rule.body))):
        name, candidates, places = f"rule:{rule.rule_id}", {"rule": blocks}, {"rule": rule.body}
        return Body(blocks, name, None, candidates, places, page_kind=kind)
    if found and kind != ARTICLE and chars_of(parts := tuple(found.read())) >= SHORT:
        name = "posts" if kind == "forum" else "region"
        places = {name: place_of(found.region.root)}
        return Body(parts, name, None, {name: parts}, places, page_kind=kind)
    return replace(read_article(tree, declared, rule), page_kind=kind)


def read_article(tree: Element, declared: Declared, rule: ExtractionRule) -> Body:
    """Return the text of an article, checked against the rest of the page."""
    measured = measure(body_of(tree))
    if measured.whole < SHORT:
        measured = measure(measured.root, trusting=True)
    return recheck(tree, measured, _choose(tree, declared, measured, rule.drop))


def _choose(tree: Element, declared: Declared, measured: Measured, drop: str | None) -> Body:
    """Return the text where the cheap candidates agree, else the winner of a vote."""
    elements = find_bodies(measured)
    nested = _nested([*elements.values()], measured)
    candidates: Texts = {}
    for name, element in elements.items():
        # the same text in two wrappers: one reading is enough
        if nested < AGREE or not candidates.get("marked"):
            candidates[name] = _read(element, drop, measured)
    cheap = [*candidates]
    candidates |= _stated(declared)
    chosen, agreement = choose(candidates, cheap)
    if nested and cheap == ["marked"]:
        chosen, agreement = "marked", nested
    if _is_doubtful(candidates, chosen, agreement):
        chosen, agreement = _vote(tree, measured, drop, candidates, cheap)
    return Body(
        candidates.get(chosen, ()),
        chosen,
        agreement,
        candidates,
        {name: place_of(element) for name, element in elements.items()},
        tuple(measured.beside),
        elements.get(chosen),
        measured.outside(*elements.values()) if chosen in candidates else None,
    )


def _is_doubtful(candidates: Texts, chosen: str, agreement: float | None) -> bool:
    """Return whether the candidates disagree, are lists of links, or much shorter than declared."""
    text, stated = candidates.get(chosen, ()), candidates.get("stated", ())
    is_short = 2 * chars_of(text) < chars_of(stated)
    return is_short or is_linked(text) or (agreement or 0.0) < AGREE


def _stated(declared: Declared) -> Texts:
    """Return the candidate that JSON-LD declares as text or HTML; empty if short."""
    value = declared.article.get("articleBody")
    text = value if isinstance(value, str) else next(iter(strings_of(value)), "")
    tree = parse(f"<div>{unescape(text)}</div>") if _MARKUP.search(text) else None
    lines = filter(None, (squeeze(unescape(part)) for part in text.split("\n")))
    blocks = [Block("p", line, 0.0) for line in lines] if tree is None else read_blocks(tree)
    return {"stated": tuple(blocks)} if chars_of(blocks) > SHORT else {}


def _read(element: Element, drop: str | None, measured: Measured) -> tuple[Block, ...]:
    """Return an element's blocks; if short and measured without names, those of any name."""
    noises = None if measured.is_trusting else measured.noises
    blocks = read_blocks(element, drop, measured.beside, noises=noises)
    if measured.is_trusting and chars_of(blocks) < SHORT:
        blocks = read_blocks(element, drop, measured.beside, trusting=True)
    return tuple(blocks)


def _vote(
    tree: Element, measured: Measured, drop: str | None, candidates: Texts, cheap: list[str]
) -> tuple[str, float | None]:
    """Return the winner and its agreement with trafilatura, and readability if still undecided."""
    links = set(map(text_of, tree.iter("a")))
    most = 0.9 * measured.whole
    # a page of links may have less text than its links
    enough = min(TEXT, most) if most >= SHORT else TEXT
    quick = second_opinion(tree, measured.beside, links)
    found = quick if chars_of(quick) >= enough else by_trafilatura(tree, links)
    candidates["trafilatura"] = tuple(found)
    chosen, agreement = choose(candidates, candidates)
    if (agreement or 0.0) < _UNDECIDED:
        candidates["readability"] = tuple(by_readability(tree, drop))
        chosen, agreement = choose(candidates, candidates)
    return prefer(cheap, candidates, chosen), agreement


def _nested(elements: list[Element], measured: Measured) -> float:
    """Return the overlap of two nested elements by the size of their texts; 0: not nested."""
    pairs = permutations(elements, 2)
    if not any(one is other or other in one.iterancestors() for one, other in pairs):
        return 0.0
    sizes = [measured.mass.get(element, 0.0) for element in elements]
    return 2 * min(sizes) / max(1.0, sum(sizes))


def place_of(element: Element) -> str:
    """Return an element as a CSS selector: tag, id and classes."""
    name = f"#{element.get('id')}" if element.get("id") else ""
    classes = (f".{part}" for part in element.get("class", "").split())
    return f"{element.tag}{name}{''.join(classes)}"


TEXT = 600  # characters; a candidate with as many contains a text
SHORT = 200  # characters; a smaller candidate is not accepted alone
_TRUST = {"trafilatura": 0.3}  # support that a candidate has without agreement of others
_CONTAINED = 0.95  # share of the winner's four-word sequences in a candidate that replaces it
_PART = 0.6  # share of the winner's sequences from which a candidate within it replaces it
_LABEL = 60  # characters
# overlap from which two candidates agree; below it a vote improves the result on labelled pages
AGREE = 0.8


def choose(candidates: Texts, eligible: Iterable[str]) -> tuple[str, float | None]:
    """Return the eligible candidate with the most support, or none, and its largest overlap."""
    grams = {name: found for name, blocks in candidates.items() if (found := four_grams(blocks))}
    supported: list[tuple[float, str, float | None]] = []
    for name in _texts(candidates, [name for name in eligible if name in grams]):
        others = (overlap(grams[name], other) for key, other in grams.items() if key != name)
        overlaps = sorted(others, reverse=True)
        support = round(sum(overlaps[:2]) + _TRUST.get(name, 0.0), 9)
        supported.append((support, name, next(iter(overlaps), None)))
    _, chosen, agreement = max(supported, key=itemgetter(0), default=(0.0, "none", None))
    return chosen, agreement


def _texts(candidates: Texts, names: Sequence[str]) -> Sequence[str]:
    """Return the candidates that are no headlines or lists of links, if there are any."""
    chars = {name: chars_of(candidates[name]) for name in names}
    if max(chars.values(), default=0) < TEXT:
        return names
    long = [name for name in names if chars[name] >= SHORT]
    texts = [name for name in long if not is_linked(candidates[name])]
    return texts if any(chars[name] >= TEXT for name in texts) else long


def prefer(cheap: list[str], candidates: Texts, chosen: str) -> str:
    """Return a cheap candidate that precedes the winner, or the winner."""
    winner = candidates.get(chosen, ())
    better = (name for name in cheap if _precedes(candidates[name], winner))
    return chosen if chosen in cheap else next(better, chosen)


def _precedes(text: tuple[Block, ...], winner: tuple[Block, ...]) -> bool:
    """Return whether a cheap candidate contains nearly all of the winner and little else: it has
    paragraphs, headings and rows. Or it is within the winner and not much shorter: the rest is
    mostly beside the article.
    """
    grams, won = four_grams(text), four_grams(winner)
    # inserted headings and labels separate sequences of words
    inner = tuple(
        block
        for block in text
        if not (block.kind[0] == "h" or names_speaker(block.text))
        and not (len(block.text) <= _LABEL and block.text[-1] in ":：")
    )
    joined = won & (grams | four_grams(inner))
    is_same = overlap(won, grams) >= AGREE and joined.total() >= _CONTAINED * won.total()
    is_large = grams.total() >= _PART * won.total() > 0
    return is_same or (is_large and (won & grams).total() >= _CONTAINED * grams.total())


def is_linked(blocks: Sequence[Block]) -> bool:
    """Return whether links contain more than half of a text."""
    return 2 * linked_of(blocks) > chars_of(blocks)


@lru_cache(maxsize=16)
def four_grams(blocks: tuple[Block, ...]) -> Counter[tuple[str, ...]]:
    """Return the counts of four-word sequences; in scripts without spaces, of four characters."""
    words = [word for block in blocks for word in WORD.findall(block.text)]
    return Counter(zip(*(words[i:] for i in range(min(4, len(words)))), strict=False))


def overlap(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    """Return the overlap of two texts, 0 to 1: shared four-grams by the mean number of both."""
    return 2 * (a & b).total() / max(1, a.total() + b.total())


_KEPT = 0.5  # share of the page's text; a chosen text with less is checked
_WHOLE = 0.85  # share of the page's text that counts as all of it
_MORE = 2.0  # factor by which all of the page has more prose than the chosen text
_SUPPORT = 1.5  # factor by which another extractor finds more prose than the chosen text
_PROSE = 0.3  # share of prose in a text; lists of products and teasers have less


def recheck(tree: Element, measured: Measured, body: Body) -> Body:
    """Return a body with the page's or the declared text if that is much longer and prose."""
    root, text, candidates = measured.root, body.blocks, body.candidates
    chars, prose = chars_of(text), prose_of(text)
    if chars < _KEPT * measured.whole:
        element = _whole_text(measured, body.element)
        blocks = read_blocks(element, None, measured.beside, noises=measured.noises)
        whole = candidates["whole"] = tuple(blocks)
        least = max(SHORT, _MORE * prose, _PROSE * chars_of(whole))
        if prose_of(whole) >= least and _is_supported(tree, candidates, _SUPPORT * prose):
            return _with_text("whole", element, body, measured)
    if prose_of(candidates.get("stated", ())) >= max(TEXT, _MORE * prose):
        return _with_text("stated", root, body, measured)
    return body


def _with_text(name: str, element: Element, body: Body, measured: Measured) -> Body:
    """Return a body with another of its candidates."""
    return replace(
        body,
        blocks=body.candidates[name],
        element=element,
        extractor=name,
        agreement=choose(body.candidates, [name])[1] or 0.0,
        places={**body.places, name: place_of(element)},
        outside=measured.outside(element),
    )


def prose_of(blocks: Iterable[Block]) -> int:
    """Return the number of characters in sentences of some length outside links."""
    return chars_of(filter(is_prose, blocks))


def _whole_text(measured: Measured, inside: Element | None) -> Element:
    """Return the smallest element with the chosen one and nearly all text outside boilerplate."""
    least = _WHOLE * measured.whole
    large = [element for element, mass in measured.mass.items() if mass >= least]
    element = [measured.root, *large][-1]
    if inside is None:
        return element
    above = {inside, *inside.iterancestors()}
    return next(one for one in (element, *element.iterancestors()) if one in above)


def _is_supported(tree: Element, candidates: Texts, least: float) -> bool:
    """Return whether readability, or the slower complete trafilatura, finds that much prose."""
    if "readability" not in candidates:
        candidates["readability"] = tuple(by_readability(tree))
    if prose_of(candidates["readability"]) >= least:
        return True
    links = set(map(text_of, tree.iter("a")))
    candidates["complete"] = tuple(by_trafilatura(tree, links, fast=False))
    return prose_of(candidates["complete"]) >= least
