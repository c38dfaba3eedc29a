"""Serve the sample newsroom with additional poisoned pages: ``python -m tests.faults.poison FEEDS
[COUNT]``.

One of four feeds lists each poisoned page, in addition to the feed's own items.
"""

import functools
import gzip
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tidings.demo import serve
from tidings.demo.responses import HTML, RSS_PATHS, Response, Site

LISTING = ("/en/rss.xml", "/feeds/zh.xml", "/en/feed.xml", "/zh/feed.xml")
HEAD = (
    "<!doctype html><html><head><meta"
    ' charset="utf-8"><title>{title}</title>{extra}</head><body><article><h1>{title}</h1>'
)
SENTENCE = "President Xi Jinping said that the plan matters. "
HAN = "".join(map(chr, range(0x4E00, 0x5E00)))  # 4,096 characters


def _page(body: Any, title: str = "A poisoned page", extra: str = "") -> Any:
    return (HEAD.format(title=title, extra=extra) + body + "</article></body></html>").encode()


def _paragraphs(text: Any, count: int) -> Any:
    return "".join(f"<p>{number} {text}</p>" for number in range(count))


# The content of each page by name, which is a part of its URL.
PAGES: dict[str, Callable[[], bytes]] = {
    "sentence-repeated-64k": lambda: _page(f"<p>{SENTENCE * 1_300}</p>"),
    "sentence-repeated-18m": lambda: _page(_paragraphs(SENTENCE * 20, 18_000)),
    "speech-verbs": lambda: _page(f"<p>{'said that ' * 30_000}</p>"),
    "phrase-repeated-80k": lambda: _page(f"<p>{'推进' * 40_000}</p>"),
    "phrase-repeated-18m": lambda: _page(_paragraphs("推进" * 500, 6_000)),
    "scripts-as-text": lambda: _page(f"<p>{'&lt;script&gt;' * 25_000}</p>"),
    "scripts-unclosed": lambda: _page("<script>" * 25_000),
    "blanks-in-json": lambda: _page(
        f"<p>{SENTENCE}</p>", extra=f'<script type="application/ld+json">{" " * 200_000}</script>'
    ),
    "fence-in-json": lambda: _page(
        f"<p>{SENTENCE}</p>",
        extra=f'<script type="application/ld+json">/*<![CDATA[*/{" " * 200_000}x</script>',
    ),
    "chinese-18m": lambda: _page(
        "".join(f"<p>{number}{HAN[number % 3000 :][:1000]}</p>" for number in range(5_900))
    ),
    "chinese-one-text": lambda: _page(f"<p>{HAN * 1_450}</p>"),
    "bytes-25m": lambda: _page(f"<p>{'x' * 25_000_000}</p>"),
    "paragraph-6m": lambda: _page(
        f"<p>{'The plan matters to the town and to its people. ' * 125_000}</p>"
    ),
    "attributes-1m": lambda: (
        b"<p " + b" ".join(b"a%d=1" % number for number in range(1_000_000)) + b">text</p>"
    ),
    "levels-100k": lambda: _page("<div>" * 100_000 + f"<p>{SENTENCE}</p>"),
    "unclosed": lambda: b"<b><i><p>word " * 60_000,
    "comments": lambda: _page("<!--" * 200_000),
    "title-5m": lambda: _page(f"<p>{SENTENCE * 20}</p>", title="word " * 1_000_000),
    "links-200k": lambda: _page("<p><a href=x>word</a> and more words to read</p>" * 200_000),
    "authors-100k": lambda: _page(
        f"<p>{SENTENCE * 20}</p>",
        extra="".join(f'<meta name="author" content="Jane Doe {n}">' for n in range(100_000)),
    ),
}


@functools.cache
def packed(name: Any) -> Any:
    """Return a page as a gzip file: 18 MB have less than 1 MB compressed."""
    return gzip.compress(PAGES[name](), compresslevel=1)


class PoisonedSite(Site):
    """An outlet with poisoned pages in its feed."""

    names: tuple[str, ...] = ()

    def respond(self, path: Any, now: Any) -> Any:
        """Return a poisoned page, or the outlet's response with the poisoned pages in its feed."""
        if match := re.fullmatch(r"/poison/([\w-]+)\.html", path):
            return Response(200, HTML, packed(match[1]))
        answer = super().respond(path, now)
        if path not in LISTING or RSS_PATHS[path][0] != self.outlet.name or answer.status != 200:
            return answer
        at = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
        items = "".join(
            f"<item><title>{name}</title><link>{self.home}/poison/{name}.html</link><pubDate>{at}</pubDate></item>"
            for name in self.names[LISTING.index(path) :: len(LISTING)]
        ).encode()
        return Response(
            200,
            answer.content_type,
            answer.body.replace(b"</channel>", items + b"</channel>"),
            answer.modified_at,
        )


def main() -> None:
    """Serve until interrupted; write the feed list to FEEDS, and list COUNT poisoned pages."""
    feeds, *count = sys.argv[1:]
    PoisonedSite.names = tuple(PAGES)[: int(count[0])] if count else tuple(PAGES)
    setattr(serve, "Site", PoisonedSite)  # noqa: B010 - mypy rejects an assignment to a module's import
    with serve.start() as newsroom:
        Path(feeds).write_text(newsroom.feeds_csv(), encoding="utf-8")
        print(newsroom.port, flush=True)  # noqa: T201 - it is a program
        threading.Event().wait()


if __name__ == "__main__":
    main()
