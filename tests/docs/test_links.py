"""Every link in the project's Markdown files has an existing target."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "index.md"
# by docs/build.py
GENERATED = {
    ROOT / "docs" / name for name in ("dictionary.md", "commands.md", "lexicon_quality.md")
}
NETWORK = ("http", "https", "mailto")


def _pages() -> list[Path]:
    below = [
        page
        for folder in ("docs", "seeds", "sample", "benchmarks")
        for page in (ROOT / folder).rglob("*.md")
    ]
    return sorted({*ROOT.glob("*.md"), *below} - GENERATED)


def _targets(page: Path) -> Iterator[str]:
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrs.get("href") or child.attrs.get("src")
            if target:
                yield str(target)
    toctree = re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in "\n".join(toctree).splitlines():
        if line and not line.startswith(":") and "*" not in line:
            yield f"{line}.md"


def _slugs(page: Path) -> list[str]:
    """Return the anchors that GitHub and MyST create for headings."""
    anchors = []
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    for opened, inline in itertools.pairwise(tokens):
        if opened.type == "heading_open":
            text = "".join(
                child.content
                for child in inline.children or ()
                if child.type in {"text", "code_inline"}
            )
            anchors.append(re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-"))
    return anchors


def _broken(page: Path) -> Iterator[str]:
    for target in _targets(page):
        parts = urlsplit(target)
        if parts.scheme in NETWORK:
            continue
        place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        # the site's table of contents; GitHub and a checkout lack these pages
        if place in GENERATED and page == INDEX:
            continue
        if not place.exists():
            yield f"{page.relative_to(ROOT)}: {target} does not exist"
        elif parts.fragment and unquote(parts.fragment) not in _slugs(place):
            yield f"{page.relative_to(ROOT)}: {target} does not match any heading"


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_have_targets(page: Path) -> None:
    """All links of a page within the repository refer to existing files and headings."""
    assert not list(_broken(page))


def test_a_broken_link_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, heading or image is reported; valid links are not."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n[a](no.md) [b](#no) ![c](no.png) [d](#a-page) [e](page.md)"
        " [f](https://example.org)\n"
    )
    monkeypatch.setitem(_broken.__globals__, "ROOT", tmp_path)
    assert [text.split(": ")[1].split()[0] for text in _broken(page)] == ["no.md", "#no", "no.png"]


def test_pages_and_modules_exist() -> None:
    """The table of contents in the index lists every page of docs/. Each module that
    CONTRIBUTING.md names exists, and its two paths have at most ten steps.
    """
    listed = {(INDEX.parent / target).resolve() for target in _targets(INDEX)}
    pages = {
        page
        for page in _pages()
        if page.is_relative_to(ROOT / "docs") and not page.name.startswith("0")
    }
    assert pages - {INDEX} <= listed
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = [ROOT / name for name in ("tidings", "flows", "transforms", "tests", "warehouse")]
    files = [f"/{path.relative_to(ROOT)}" for folder in folders for path in folder.rglob("*.*")]
    named = set(re.findall(r"`([\w./]+\.(?:py|sql|yaml|js))`", text))
    missing = [name for name in named if not any(file.endswith(f"/{name}") for file in files)]
    assert sorted(missing) == ["transforms/models/marts/NAME.sql"]
    for path in ("## From URL to share", "## From a row of theme_phrases.csv to the report"):
        steps = re.findall(r"(?m)^\d+\. ", text.partition(path)[2].partition("\n## ")[0])
        assert 5 <= len(steps) <= 10
