"""How a page was read, in words: what each candidate picked, how far they agree, and where every field comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows.extract.body import four_grams, overlap
from tidings.flows.extract.records import Cleaned

if TYPE_CHECKING:
    from tidings.flows.extract.article import Explained
    from tidings.flows.extract.body import Body
    from tidings.flows.extract.records import Page


def describe(page_id: str, page: Page, told: Explained) -> str:
    """Return the account of a page as plain lines."""
    found = told.outcome
    lines = [f"== {page_id}  {page.url}", f"rule        {told.rule or f'none fits, of {len(page.rules)} for this publisher'}"]
    if not isinstance(found, Cleaned):
        return "\n".join([*lines, f"outcome     {found.outcome}: {found.reason}", ""])
    lines += [
        f"title       {found.title!r}",
        f"published   {found.published_at} ({found.date_quality})",
        f"authors     {list(found.authors)}   agencies {list(found.agencies)}",
        f"section     {found.section}   place {found.place}   language {found.language}",
        f"canonical   {found.canonical_url}",
        f"chosen      {found.extractor}, agreement {found.agreement}",
        f"holds       {len(found.paragraphs)} paragraphs, {len(found.body_text)} characters",
    ]
    lines += [f"excluded    {found.excluded_reason}"] if found.excluded_reason else []
    lines += ["truncated   the page shows only a part of its text"] if found.is_truncated else []
    lines += _candidates(told.body) if told.body else []
    lines += _settled(told.body, found) if told.body else []
    lines += ["text", *(f"  | {paragraph}" for paragraph in found.paragraphs), ""]
    return "\n".join(lines)


def _settled(body: Body, found: Cleaned) -> list[str]:
    """Return a line for every block of the winner that is not in the text, and for every paragraph that it did not find."""
    taken = {block.text for block in body.blocks}
    kept = set(found.paragraphs)
    lines = [f"  - {block.text[:110]}" for block in body.blocks if block.text not in kept]
    lines += [f"  + {paragraph[:110]}" for paragraph in found.paragraphs if paragraph not in taken]
    who = "ends trimmed, then the second opinion heard" if "second" in body.said else "ends trimmed; no second opinion was needed"
    return [f"settled     {who}", *lines]


def _candidates(body: Body) -> list[str]:
    """Return a few lines a candidate: where it looked, how much it found, and its overlap with the others."""
    grams = {name: four_grams(blocks) for name, blocks in body.said.items()}
    lines = ["candidates  overlap of four-word sequences with the others; two at 0.8 are enough, else all vote"]
    for name, blocks in body.said.items():
        shared = ", ".join(f"{other} {overlap(grams[name], grams[other]):.2f}" for other in grams if other != name)
        chars = sum(len(block.text) for block in blocks)
        lines.append(f"  {name:<12}{len(blocks)} blocks, {chars} characters   {shared}")
        if name in body.places:
            lines.append(f"              at {body.places[name]}")
        if blocks:
            lines += [f"              from {blocks[0].text[:70]!r}", f"              to   {blocks[-1].text[-70:]!r}"]
    return lines
