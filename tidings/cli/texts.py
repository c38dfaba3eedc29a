"""``tidings extract``, ``tag`` and ``quote``: write one JSON line for each page or text."""

import asyncio
import base64
import contextlib
import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import Annotated, Any, TypeVar

from typer import Argument, Option

from tidings import api
from tidings.annotation.tagging import Text
from tidings.base.decode import decode
from tidings.base.languages import is_known, primary_language
from tidings.base.owners import Owners
from tidings.base.settings import Settings, read_settings
from tidings.cli.fetch import open_unpaced
from tidings.cli.terminal import UserError, file_errors, print_progress, refuse
from tidings.extraction import Cleaned, Page, Unclean, clean_batch, explain, read_rules
from tidings.extraction.article import describe
from tidings.extraction.document import kind_of
from tidings.extraction.language import language_of
from tidings.extraction.page_metadata import canonical_of, read_declared
from tidings.extraction.parse import parse
from tidings.fetch.response import Response
from tidings.stages.prepare import registry_of
from tidings.storage.reference import read_seed

Parsed = TypeVar("Parsed")
# ID, URL, URL after redirects, body and content type of a page
Source = tuple[Any, str, str, bytes, str | None]
_BATCH = 500  # texts that are annotated together
_HALF = re.compile("[\ud800-\udfff]")
_FIELDS = (
    "id", "title", "text", "published_at", "authors", "section", "language", "page_kind",
    "extractor", "agreement", "extraction_confidence",
)  # fmt: skip


def extract(
    names: list[str] | None = Argument(
        None,
        metavar="[URL|FILE]...",
        help="URLs, saved pages or documents. Default: JSON lines on standard input.",
    ),
    explain_choice: bool = Option(
        False, "--explain", help="Explain the choice of the text instead of writing JSON lines."
    ),
    url: str | None = Option(
        None, help="URL of a saved page. Default: the URL that the page declares."
    ),
    workers: int = Option(
        0, help="Number of worker processes. 0: the value of TIDINGS_WORKERS.", min=0
    ),
) -> None:
    """Extract articles from URLs, saved pages, PDF and Word files or JSON lines, and write one JSON
    line each in the same order.

    Input: `{"id", "url", "html"}` or `{"id", "url", "html_base64"}`, optionally with `content_type`
    from the response header.

    Output: `{"id", "title", "text", "published_at", "authors", "section", "language", "page_kind",
    "extractor", "agreement", "extraction_confidence"}`. The confidence is the probability, 0 to 1,
    that the text is right; null if a rule defines the text. If a page is unreadable, the line has
    an empty text and the fields `outcome` and `reason`. If a page is not counted as an article, the
    line has the field `excluded_reason`. A PDF file has `page_offsets`, the position of each page's
    first character in the text. A page that only leads to a document has `document_url`.

    `tidings extract --explain https://example.org/a/page.html` shows the candidates for the text
    and the reasons for the choice. Use it before you write a rule in seeds/extraction_rules.csv.
    """
    settings = read_settings()
    sources = _named(names, url, settings) if names else _read_lines("extract", None, _read_page)
    rules = read_rules(read_seed("extraction_rules", settings.seeds))
    publishers = registry_of(settings)[1]
    zones = {publisher.publisher_id: publisher.time_zone for publisher in publishers}
    owners, ids = Owners(publishers), []

    def pages() -> Iterator[Page]:
        for page_id, page_url, final_url, body, content_type in sources:
            ids.append(page_id)
            owner, now = owners.owner_of(final_url, None) or "", dt.datetime.now(dt.UTC)
            own_rules = tuple(rule for rule in rules if rule.publisher_id == owner)
            zone = zones.get(owner, "UTC")
            yield Page(page_url, final_url, body, content_type, now, zone, own_rules)

    if explain_choice:
        for page, page_id in zip(pages(), ids, strict=False):
            print(describe(str(page_id), page, explain(page)))
        return
    results = clean_batch(pages(), workers or settings.workers)
    for (_, result), page_id in zip(results, ids, strict=False):
        _write_line(_row(page_id, result.found))


def _row(page_id: Any, result: Cleaned | Unclean) -> dict[str, Any]:
    """Return the fields for a page; ``published_at`` is a date if only the day is known."""
    row: dict[str, Any] = dict.fromkeys(_FIELDS) | {"id": page_id, "text": "", "authors": []}
    if isinstance(result, Unclean):
        return row | {"outcome": result.outcome, "reason": result.reason}
    row |= {name: getattr(result, name) for name in _FIELDS[5:]}
    at = result.published_at
    if at:
        row["published_at"] = (at.date() if result.date_quality == "day_only" else at).isoformat()
    row |= {"title": result.title or None, "text": result.body_text}
    row["authors"] = list(result.authors)
    further = ("excluded_reason", "page_offsets", "document_url")
    return row | {name: value for name in further if (value := getattr(result, name))}


def _named(names: Iterable[str], url: str | None, settings: Settings) -> Iterator[Source]:
    """Yield the pages of URLs and files, whose URL is ``url`` or else the declared one. Raises
    UserError.
    """
    for name in names:
        if name.startswith(("http://", "https://")):
            answer = asyncio.run(_fetch(name, settings))
            refuse(not answer.is_ok, f"{name}: {answer.reason or answer.outcome.value}")
            yield name, name, answer.page_url, answer.body, answer.content_type
        else:
            try:
                body = Path(name).read_bytes()
            except OSError as error:
                sentence = f"{name} is not a URL (https://…), and not a readable file:"
                raise UserError(f"{sentence} {error.strerror}.") from error
            page_url = url or _declared_url(body) or Path(name).resolve().as_uri()
            yield name, page_url, page_url, body, None


def _read_page(fields: Any) -> Source:
    is_page = isinstance(fields, dict) and "url" in fields
    if not is_page or {"html", "html_base64"}.isdisjoint(fields):
        raise ValueError("it needs url, and html or html_base64")
    url, content_type = str(fields["url"]), fields.get("content_type")
    if "html_base64" in fields:
        body = base64.b64decode(fields["html_base64"])
    else:
        body = str(fields["html"]).encode("utf-8", "replace")
        content_type = content_type or "text/html; charset=utf-8"
    return fields.get("id", url), url, fields.get("final_url") or url, body, content_type


async def _fetch(url: str, settings: Settings) -> Response:
    async with open_unpaced(settings) as client:
        return await client.fetch(url, "page")


def _declared_url(body: bytes) -> str | None:
    """Return the absolute URL that a saved page declares as its own, if any."""
    tree = None if kind_of(body) else parse(decode(body, None))
    return None if tree is None else canonical_of(read_declared(tree), "")


Lines = Annotated[
    Path | None,
    Argument(help="File with JSON lines; without it, the command reads standard input."),
]


def tag(
    file: Lines = None,
    about: bool = Option(
        False, "--about", help="Write only the themes that the text is about, and the main areas."
    ),
) -> None:
    """Find the policy themes and policy areas of texts, with the word lists and rules of the
    nightly run.

    Input: JSON lines `{"id", "title", "text", "language", "date"}`. Only `text` or `title` is
    required. Without a language it is identified from the text. Without a title, the first 200
    characters of the text take its place.

    Output: JSON lines `{"id", "language", "themes", "areas"}` in the same order. A theme has
    `theme_id`, `mention_count`, `is_about` (true: the text is about it; false: it only mentions it)
    and `mentions` (`phrase_id`, `field`, `start_offset`, `end_offset`, in characters from 0, end
    exclusive). An area is a major topic of the Comparative Agendas Project: `area_id`, `cap_code`,
    `area_rank`, `is_main`, `assigned_by` (title, lead or body: the first place that mentions it),
    `mention_count`.

    Example: `echo '{"id": 1, "title": "New tariffs on steel", "text": "…", "language": "en"}' |
    tidings tag`
    """
    tagger = api.tagger(read_settings().seeds)

    def annotate(texts: Sequence[Text]) -> Iterator[dict[str, Any]]:
        for tags in tagger.tag(texts):
            kept = {"themes": "is_about", "areas": "is_main"}.items()
            yield {n: [row for row in tags[n] if row[flag] or not about] for n, flag in kept}

    _annotate("tag", annotate, {"text", "title"}, file)


def quote(file: Lines = None) -> None:
    """Find the statements in texts and their speakers, with the lists and rules of the nightly run.

    Input: JSON lines `{"id", "text", "language", "date"}`. Only `text` is required. Without a
    language it is identified from the text. An office without a name means the listed person
    who holds it on the `date`; without a date, a person who held it on any day.

    Output: JSON lines `{"id", "language", "statements"}` in the same order. A statement has `start`
    and `end` (the sentence, with its whole quotation), `speaker` (name or noun as written; for a
    pronoun, the name to which it refers), `speaker_start`, `speaker_end`, `kind` (person, body,
    role, collective or unnamed), `gender` (female or male, if the text states it), `person_id` and
    `office` (if `speakers.csv` identifies the person), and `verb` as written. Unknown values are
    null. Offsets are characters of `text` from 0, end exclusive.

    An invalid line ends the command with status 1, after the results of the lines before it.

    Example: `echo '{"id": 1, "text": "“Growth is slow,” said Christine Lagarde.", "language":
    "en"}' | tidings quote`
    """
    quoter = api.quoter(read_settings().seeds)
    _annotate(
        "quote", lambda texts: [{"statements": quoter.quote(t)} for t in texts], {"text"}, file
    )


def _annotate(
    command: str,
    annotate: Callable[[Sequence[Text]], Iterable[dict[str, Any]]],
    needed: set[str],
    path: Path | None,
) -> None:
    """Write the ID, the language and the results of each text, in order; before an invalid line,
    those of the lines before it. Each line must have one of the ``needed`` fields.
    """
    failures: list[UserError] = []

    def texts() -> Iterator[tuple[Any, Text]]:
        try:
            yield from _read_lines(command, path, lambda fields: _read_text(fields, needed))
        except UserError as error:
            failures.append(error)

    lines, unknown = texts(), set[str]()
    while batch := list(islice(lines, _BATCH)):
        found = annotate([text for _, text in batch])
        for (text_id, text), results in zip(batch, found, strict=True):
            _write_line({"id": text_id, "language": text.language, **results})
            if text.language and not is_known(text.language):
                unknown.add(primary_language(text.language)[:20])
    if unknown:
        print_progress(f"no results for languages without rules: {', '.join(sorted(unknown))}")
    for failure in failures:
        raise failure


def _read_text(fields: Any, needed: set[str]) -> tuple[Any, Text]:
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    values = {name: value for name, value in fields.items() if value is not None}
    names = ("title", "text", "language", "date")
    title, body, language, day = texts = list(map(values.get, names, repeat("")))
    if set(map(type, texts)) != {str}:
        raise TypeError("title, text, language and date must be strings")
    if _HALF.search(title + body + language):
        raise ValueError("it contains half of a surrogate pair")
    if values.keys().isdisjoint(needed):
        raise ValueError(f"it has no {' or '.join(sorted(needed))}")
    date = dt.datetime.fromisoformat(day).date() if day else None
    return fields.get("id"), Text(title, body, language or language_of(body or title), date)


def _read_lines(
    command: str, path: Path | None, parse_line: Callable[[Any], Parsed]
) -> Iterator[Parsed]:
    """Yield the parsed value of each line of a file, or of standard input. Raises UserError."""
    refuse(
        path is None and sys.stdin.isatty(),
        f"No input: give JSON lines on standard input, or a file. See `tidings {command} --help`.",
    )
    opened: Any = contextlib.nullcontext(sys.stdin.buffer)
    if path:
        with file_errors("read", path):
            opened = path.open("rb")
    with opened as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    parsed = parse_line(json.loads(line))
                except (ValueError, TypeError, KeyError, RecursionError) as error:
                    is_json = not isinstance(error, json.JSONDecodeError | UnicodeDecodeError)
                    place = f"{number} of {path}" if path else f"{number}"
                    problem = error if is_json else "it is not JSON in UTF-8"
                    raise UserError(f"Invalid input line {place}: {problem}.") from error
                yield parsed


def _write_line(row: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()
