"""The publishers' statements about rights are read, recorded and obeyed."""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import settings_with
from tests.storage.rows import NOW
from tidings.base.records import Feed, SourceRight
from tidings.fetch.window import Window
from tidings.stages.clean import clean
from tidings.stages.discover import discover
from tidings.stages.obtain import obtain
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.rights import list_reserved
from tidings.stages.run import Run, start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_records
from tidings.storage.remote_lake import lake_of
from tidings.storage.writer_lock import writer_lock

TEXT = " ".join(["The council of the town plants limes along the river and pays for it."] * 12)
RSL = '<rsl xmlns="https://rslstandard.org/rsl"><content url="{url}"{more}>{terms}</content></rsl>'
LICENCE = "License: {origin}/license.xml"
BOMB = (
    '<!DOCTYPE rsl [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + ']><rsl xmlns="https://rslstandard.org/rsl">&h;</rsl>'
)


class Case(NamedTuple):
    """A server's statement. ``result`` is text or summary; ``read`` the channel and meaning that
    are recorded.
    """

    name: str
    robots: str = ""
    headers: tuple[str, ...] = ()
    head: str = ""
    tdmrep: Any = None
    licence: str = ""
    result: str = "text"
    read: tuple[str, ...] = ()
    feed_headers: tuple[str, ...] = ()
    page_count: int = 2  # of requested pages, of two


def terms(text: str, url: str = "/", more: str = "") -> dict[str, Any]:
    """Return a robots file and a licence with these terms."""
    return {"robots": LICENCE, "licence": RSL.format(url=url, more=more, terms=text)}


ALL = '<permits type="usage">all</permits>'
NO_TDM = {"location": "/", "tdm-reservation": 1}
CLOSED: dict[str, Any] = {"result": "summary", "page_count": 0}
FIRST: dict[str, Any] = {"result": "summary", "page_count": 1}
CASES = [
    # honest servers: statements about AI
    Case("nothing"),
    Case("ai crawlers", "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /",
         read=("robots_group ai_only",)),
    Case("signal ai", "User-agent: *\nContent-Signal: ai-train=no, ai-input=no, search=yes",
         read=("content_signal ai_only", "content_signal permitted")),
    Case("usage ai", "User-agent: *\nContent-Usage: train-ai=n", read=("content_usage ai_only",)),
    Case("noai", head='<meta name="robots" content="noai, noimageai">',
         read=("meta_robots ai_only",)),
    Case("x robots", headers=("X-Robots-Tag: noai",), read=("x_robots_tag ai_only",)),
    Case("rsl ai", **terms('<license><prohibits type="usage">ai-all</prohibits></license>'),
         read=("rsl ai_only",)),
    Case("rsl free", **terms(f"<license>{ALL}<payment type='attribution'/></license>"),
         read=("rsl permitted",)),
    Case("tdmrep open", tdmrep=[{"location": "/", "tdm-reservation": 0}],
         read=("tdmrep_file permitted",)),
    # honest servers: reservations
    Case("mining group", "User-agent: TDM\nDisallow: /", read=("robots_group reserved",), **CLOSED),
    Case("signal search", "User-agent: *\nContent-Signal: search=no",
         read=("content_signal reserved",), **CLOSED),
    Case("usage search", "User-agent: *\nContent-Usage: /page/ search=n",
         read=("content_usage reserved",), **CLOSED),
    Case("rsl all", **terms('<license><prohibits type="usage">all</prohibits></license>',
                            url="/page*"), read=("rsl reserved",), **CLOSED),
    Case("rsl paid", **terms(f"<license>{ALL}<payment type='crawl'/></license>"),
         read=("rsl reserved",), **CLOSED),
    Case("rsl gift", **terms(f"<license>{ALL}<payment type='contribution'/></license>"),
         read=("rsl reserved",), **CLOSED),
    Case("rsl users", **terms(f"<license>{ALL}<permits type='user'>education</permits></license>"),
         read=("rsl reserved",), **CLOSED),
    Case("rsl choice", **terms(f"<license>{ALL}<payment type='use'/></license>"
                               f"<license>{ALL}<payment type='free'/></license>"),
         read=("rsl permitted",)),
    Case("rsl output", **terms(f"<license>{ALL}<payment type='use'/></license>"),
         read=("rsl permitted",)),
    Case("rsl no price", **terms(f"<license>{ALL}<payment/></license>"), read=("rsl permitted",)),
    Case("rsl own terms",
         **terms(f"<license>{ALL}<payment><custom>/buy</custom></payment></license>"),
         read=("rsl reserved",), **CLOSED),
    Case("rsl reports", **terms(f"<license>{ALL}<reporting type='audit'/></license>"),
         read=("rsl reserved",), **CLOSED),
    Case("rsl group", **(terms('<license><prohibits type="usage">all</prohibits></license>')
                         | {"robots": f"License: {{origin}}/x\nUser-agent: *\n{LICENCE}"}),
         read=("rsl reserved",), **CLOSED),
    Case("rsl other group", **(terms('<license><prohibits type="usage">all</prohibits></license>')
                               | {"robots": f"User-agent: GPTBot\n{LICENCE}"})),
    Case("rsl server", **terms(f"<license>{ALL}</license>", more=' server="https://a.example"'),
         read=("rsl reserved",), **CLOSED),
    Case("tdmrep file", tdmrep=[NO_TDM], read=("tdmrep_file reserved",), **CLOSED),
    Case("tdmrep header", headers=("TDM-Reservation: 1",),
         read=("tdmrep_header reserved",), **FIRST),
    Case("tdmrep meta", head='<META NAME="TDM-Reservation" CONTENT="1">',
         read=("tdmrep_meta reserved",), **FIRST),
    Case("meta over header", headers=("tdm-reservation: 1",),
         head='<meta name="tdm-reservation" content="0">',
         read=("tdmrep_header reserved", "tdmrep_meta permitted")),
    Case("feed header", feed_headers=("tdm-reservation: 1",),
         read=("tdmrep_header reserved",), **CLOSED),
    # rules for other paths, agents or hosts
    Case("other path", tdmrep=[{"location": "/images/*.jpg", "tdm-reservation": 1}],
         read=("tdmrep_file reserved",)),
    Case("first rule", tdmrep=[{"location": "/page", "tdm-reservation": 0}, NO_TDM],
         read=("tdmrep_file permitted", "tdmrep_file reserved")),
    Case("other agent", "User-agent: Otherbot\nContent-Signal: search=no"),
    Case("other host", **terms('<license><prohibits type="usage">all</prohibits></license>',
                               url="https://other.example/")),
    # hostile and careless servers
    Case("comment", head='<!-- <meta name="tdm-reservation" content="1"> -->'),
    Case("bomb", robots=LICENCE, licence=BOMB, read=("rsl unreadable",)),
    Case("no xml", robots=LICENCE, licence="<rsl", read=("rsl unreadable",)),
    Case("deep json", tdmrep="[" * 100_000, read=("tdmrep_file unreadable",)),
    Case("not rules", tdmrep=[7, {"location": 5, "tdm-reservation": 1}, {"tdm-reservation": "x"}]),
    Case("odd characters", tdmrep=[NO_TDM | {"location": "\ud800"}, NO_TDM | {"location": "\0"}],
         read=("tdmrep_file reserved",)),
    Case("odd reservation",
         tdmrep=[NO_TDM | {"location": "/*\0"}, NO_TDM | {"location": "/*\ud800"}, NO_TDM],
         read=("tdmrep_file reserved",), **CLOSED),
    Case("page instead", tdmrep="<html>not found</html>"),
    Case("private licence", robots="License: http://169.254.169.254/key\nLicense: file:///etc/passwd"),
    Case("large", robots="User-agent: *\n" + "Content-Usage: /*a*a*a*a*b search=n\n" * 9_000),
]  # fmt: skip


def routes_of(case: Case, origin: str, count: int) -> dict[str, bytes]:
    """Return the responses of a case's server: a feed, its pages and the statements."""
    links = [f"{origin}/page/{number}" for number in range(count)]
    items = [
        item(number, link=link, title=f"Limes {number}", text="The town plants limes.")
        for number, link in enumerate(links)
    ]
    article = f"<article><h1>Limes</h1><p>{TEXT}</p></article>"
    page = f"<html><head><title>Limes</title>{case.head}</head><body>{article}</body></html>"
    routes = {
        "/feed.xml": reply(200, rss(*items), *case.feed_headers),
        "/robots.txt": reply(200, case.robots.format(origin=origin).encode(), kind="text/plain"),
        **{
            f"/page/{n}": reply(200, page.encode(), *case.headers, kind="text/html")
            for n in range(count)
        },
    }
    if case.tdmrep is not None:
        text = case.tdmrep if isinstance(case.tdmrep, str) else json.dumps(case.tdmrep)
        routes["/.well-known/tdmrep.json"] = reply(200, text.encode(), kind="application/json")
    if case.licence:
        routes["/license.xml"] = reply(200, case.licence.encode(), kind="application/rsl+xml")
    return routes


class Served(NamedTuple):
    """The lake after a night, the requested paths of each case, and the log."""

    lake: Lake
    paths: dict[str, list[str]]
    lines: list[str]


def serve_nights(
    folder: Path,
    cases: list[Case],
    nights: int = 1,
    *,
    stages: Sequence[Callable[..., Any]] = (poll, obtain),
    has_full_text: bool = False,
    **variables: str,
) -> Served:
    """Serve each case at its own loopback address, collect for some nights, and return the last."""
    lines: list[str] = []

    async def run_nights() -> Served:
        async with contextlib.AsyncExitStack() as stack:
            servers: dict[str, Any] = {}
            for number, case in enumerate(cases, start=1):
                host = f"127.0.1.{number}"
                server = await stack.enter_async_context(serving({}, host))
                servers[case.name] = (host, server)
            rows = [
                f"{name},http://{host}:{server.port}/feed.xml,{has_full_text}"
                for name, (host, server) in servers.items()
            ]
            hosts = [f"{host}:{server.port}" for host, server in servers.values()]
            settings = settings_with(
                folder, rows, hosts, extra=variables, columns="feed_id,url,has_full_text"
            )
            for night in range(nights):
                lines.clear()
                for case in cases:
                    host, server = servers[case.name]
                    server.routes.update(routes_of(case, f"http://{host}:{server.port}", 2 + night))
                    server.log.clear()
                now = NOW + dt.timedelta(days=night)
                run = start_run(settings, now=now, run_id="test", log=lines.append)
                sources = await asyncio.to_thread(prepare, run)
                for stage in stages:
                    await asyncio.to_thread(stage, run, sources)
                await asyncio.to_thread(clean, run)
            paths = {
                name: [entry["path"] for entry in server.log]
                for name, (_, server) in servers.items()
            }
            return Served(lake_of(settings), paths, lines)

    return asyncio.run(run_nights())


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return serve_nights(tmp_path_factory.mktemp("rights"), CASES)


def read_result(lake: Lake, feed_id: str) -> tuple[set[str], set[str]]:
    """Return how the articles of a source were counted, and what was recorded."""
    with open_lake(lake, read_only=True) as con:
        found = con.execute(
            "select extractor, body_text, excluded_reason from core.articles"
            " inner join raw.captures using (capture_id) where feed_id = ?",
            [feed_id],
        ).fetchall()
        rights = read_records(con, SourceRight, "feed_id = $id", {"id": feed_id})
    assert len(found) == 2
    assert {reason for *_, reason in found} == {None}
    is_summary = {extractor == "summary" for extractor, *_ in found}
    assert {text == "The town plants limes." for _, text, _ in found} == is_summary
    results = {"summary" if one else "text" for one in is_summary}
    return results, {f"{row.channel} {row.meaning}" for row in rights}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_statement_has_the_outcome_that_its_words_mean(night: Served, case: Case) -> None:
    """Reserved pages are not requested, and title and summary count; others count with their full
    text. Each statement is recorded.
    """
    results, read = read_result(night.lake, case.name)
    assert results == {case.result}
    if case.name != "large":
        assert read == set(case.read)
    pages = [path for path in night.paths[case.name] if path.startswith("/page/")]
    assert len(pages) == case.page_count


def test_a_server_without_statements_gets_one_more_request(night: Served) -> None:
    """Only the file of TDMRep is requested in addition, before the first page."""
    assert (
        sorted(night.paths["nothing"])
        == """
        /.well-known/tdmrep.json /feed.xml /page/0 /page/1 /robots.txt
    """.split()
    )


def test_the_first_poll_ends_with_the_outlets_that_reserve(night: Served) -> None:
    """The log names each with the day, the words and their place."""
    listed = [line for line in night.lines if line.startswith("rights: ")]
    reserving = [case for case in CASES if case.result == "summary"]
    assert len(listed) == 1 + len(reserving)
    assert any("since 2026-06-01, tdm-reservation: 1 in http" in line for line in listed)


@pytest.mark.slow
def test_record_counts_full_texts_and_stores_the_reason(tmp_path: Path) -> None:
    """TIDINGS_RIGHTS=record changes nothing but the records."""
    cases = [case for case in CASES if case.result == "summary"]
    served = serve_nights(
        tmp_path, cases, TIDINGS_RIGHTS="record", TIDINGS_RIGHTS_REASON="A study (article 3)."
    )
    for case in cases:
        results, read = read_result(served.lake, case.name)
        assert results == {"text"}
        assert read == set(case.read)
    with open_lake(served.lake, read_only=True) as con:
        modes = con.execute("select mode, reason from ops.rights_modes").fetchall()
        obeyed = "select bool_or(is_obeyed), bool_or(applies) from ops.source_rights"
        assert con.execute(obeyed).fetchone() == (False, True)
    assert modes == [("record", "A study (article 3).")]
    assert any("recorded and not obeyed (A study" in line for line in served.lines)
    with open_lake(served.lake, read_only=True) as con:
        listed = list_reserved(con, NOW.date())
    assert len(listed) == len(cases)
    assert all("2 full texts stored: `tidings forget --outlet" in line for line in listed)


@pytest.mark.slow
def test_a_reservation_is_read_again_only_after_thirty_days(tmp_path: Path) -> None:
    """The pages of a host are not requested on the next nights. Its files are read once a day,
    a missing one once a week.
    """
    cases = [one for one in CASES if one.name in {"tdmrep meta", "rsl all", "nothing"}]
    served = serve_nights(tmp_path, cases, nights=2)
    assert served.paths["tdmrep meta"] == ["/robots.txt", "/feed.xml"]
    assert served.paths["rsl all"] == ["/robots.txt", "/feed.xml", "/license.xml"]
    assert served.paths["nothing"] == ["/robots.txt", "/feed.xml", "/page/2"]
    with open_lake(served.lake, read_only=True) as con:
        days = "select distinct channel, last_on - first_on from ops.source_rights order by all"
        assert con.execute(days).fetchall() == [("rsl", 1), ("tdmrep_meta", 0)]
        modes = con.execute("select mode, reason from ops.rights_modes").fetchall()
    assert modes == [("obey", None)]
    assert not any(line.startswith("rights: 127") for line in served.lines)


@pytest.mark.slow
def test_a_warehouse_of_an_earlier_version_starts_with_record(tmp_path: Path) -> None:
    """It keeps collecting full texts, and each night has a notice, until TIDINGS_RIGHTS is set."""
    case = next(one for one in CASES if one.name == "tdmrep header")
    first = serve_nights(tmp_path, [case])
    with writer_lock(first.lake), open_lake(first.lake) as con:
        con.execute("update ops.schema_versions set version = 24")
        con.execute("drop table ops.rights_modes")
    second = serve_nights(tmp_path, [case])
    assert any("recorded and not obeyed (The warehouse is older" in one for one in second.lines)
    third = serve_nights(tmp_path, [case], TIDINGS_RIGHTS="obey")
    assert not any("not obeyed" in one for one in third.lines)


def refetch(run: Run, sources: list[Feed]) -> None:
    """Read the sources as a backfill of the last weeks does."""
    discover(run, sources, Window(NOW.date() - dt.timedelta(days=60), NOW.date()))


@pytest.mark.slow
@pytest.mark.parametrize("stages", [(poll, obtain), (poll, refetch, obtain)])
def test_a_reserved_feed_of_full_texts_counts_summaries(
    tmp_path: Path, stages: tuple[Callable[..., Any], ...]
) -> None:
    """Neither a night nor a backfill stores the texts in a reserved feed."""
    case = Case("full", feed_headers=("tdm-reservation: 1",))
    served = serve_nights(tmp_path, [case], stages=stages, has_full_text=True)
    assert read_result(served.lake, "full")[0] == {"summary"}
    feeds = ["/feed.xml"] * (len(stages) - 1)
    assert served.paths["full"] == ["/robots.txt", *feeds]
