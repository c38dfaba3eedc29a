"""``tidings serve`` with a real browser: the form, foreign pages, and interrupted runs."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.analysis.report.conftest import FLAGS
from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import copy_prefect_database, settings_for
from tests.flows.serving import Served, descendants, free_port, still_running
from tests.flows.test_nightly import feed_list, hosts_of
from tests.web_server import web_server
from tidings.analysis.report.render import EXPLORE
from tidings.demo.serve import END, start
from tidings.flows.automations import register_automations
from tidings.flows.tasks import CANCELLED
from tidings.storage.lake import Lake
from tidings.storage.release import open_release

pytestmark = pytest.mark.slow
UNHURRIED = pytest.mark.timeout(900)  # seconds, several times as long as a machine needs alone

CHROMIUM = Path("/usr/bin/chromium")
LOCAL = ("http://127.", "data:", "blob:")
SHOTS = Path(__file__).parents[1] / "output"
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"),
    reason="Debian's chromium is not installed here",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a running ``tidings serve`` with the sample newsroom and a warehouse that has only
    reference data. SIGTERM ends the server and all runners without a traceback or a remaining
    process.
    """
    folder = tmp_path_factory.mktemp("served")
    with start() as newsroom:
        newsroom.set_now(END)
        feeds, hosts = feed_list(newsroom, folder), hosts_of(newsroom)
        settings_for(folder / "data", feeds, hosts, DEMO_SEEDS)
        copy_prefect_database(Lake(folder / "data").prefect.parent)
        env = {
            "TIDINGS_WAREHOUSE": str(folder / "data"),
            "TIDINGS_FEEDS": str(feeds),
            "TIDINGS_SEEDS": DEMO_SEEDS,
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_WORKERS": "1",
            "TIDINGS_ALLOW_HOSTS": ",".join(hosts),
        }
        running: Any = Served(env, free_port(), folder / "serve.log")
        running.lake, running.truth = Lake(folder / "data"), newsroom.truth
        running.outlet = newsroom.base_urls["ministry"]
        running.start()
        try:
            yield running
        finally:
            process, children = running.process, descendants(running.process.pid)
            logged = len(running.log.read_text())
            running.stop(signal.SIGTERM)
            assert process.returncode == 0
            assert "Traceback" not in running.log.read_text()[logged:]
            assert not still_running(children)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium once for all tests: each start takes eight seconds of CPU time."""
    from playwright.sync_api import sync_playwright

    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(served: Any, browser: Any) -> Iterator[Any]:
    """Return a page of a real browser that has access to loopback only."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1500})
    opened.set_default_timeout(60_000)  # on a busy machine
    opened.route("**/*", lambda r: r.continue_() if r.request.url.startswith(LOCAL) else r.abort())
    yield opened
    opened.close()


def open_form(page: Any, served: Any) -> None:
    page.goto(f"{served.base}/v2/deployments/deployment/{served.deployment('backfill')}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()
    page.get_by_text("Parameters", exact=True).wait_for()


def set_date(page: Any, label: Any, value: Any) -> None:
    page.get_by_label(label, exact=True).click()
    box = page.get_by_label("Date (yyyy-MM-dd)")
    box.fill(value)
    page.keyboard.press("Escape")
    box.wait_for(state="hidden")


def choose(page: Any, label: Any, option: Any) -> None:
    """Choose an option of a list of the form."""
    button = page.locator(
        f"xpath=//label[normalize-space()='{label}']/following::button[@aria-haspopup='listbox'][1]"
    )
    pick(page, button, page.get_by_role("option", name=option, exact=True))
    if page.get_by_role("option").count():
        page.keyboard.press("Escape")


def pick(page: Any, button: Any, item: Any) -> None:
    """Open a list and click an item. The page may close an open list when it renders again."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

    for milliseconds in (5_000, 15_000, 45_000):
        button.click()
        try:
            item.click(timeout=milliseconds)
        except PlaywrightTimeoutError:
            page.keyboard.press("Escape")
        else:
            return
    raise AssertionError(f"The list has no {item}.")


def submit(page: Any, served: Any) -> Any:
    before = served.newest("backfill")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_timeout(1500)
    page.screenshot(path=SHOTS / "submitted.png", full_page=True)
    run = served.wait_for(
        lambda: (
            newest
            if (newest := served.newest("backfill"))
            and (not before or newest["id"] != before["id"])
            else None
        )
    )
    leave(page)
    return run["id"]


def leave(page: Any) -> None:
    """Leave the UI, because its animations need a core that the run needs."""
    page.goto("about:blank")


@needs_chromium
@UNHURRIED
def test_a_backfill_from_the_form_changes_only_its_window(served: Any, page: Any) -> None:
    """A backfill from the form completes and shows its log and summary; only articles of the date
    range are added.
    """
    open_form(page, served)
    set_date(page, "First day", "2026-06-08")
    set_date(page, "Last day", "2026-06-12")
    choose(page, "Sources: publishers (Optional)", "sample_ministry")
    page.screenshot(path=SHOTS / "backfill-form.png", full_page=True)
    run_id = submit(page, served)
    state = served.wait(run_id)
    assert state["type"] == "COMPLETED", state
    page.goto(f"{served.base}/v2/runs/flow-run/{run_id}")
    page.get_by_text("Completed").first.wait_for()
    released = served.wait_for(
        lambda: [line for line in served.logs(run_id) if line.startswith("released ")]
    )
    assert len(released) == 1
    assert served.log.read_text().count(released[0]) == 1
    page.get_by_text(released[0]).first.wait_for()
    page.screenshot(path=SHOTS / "backfill-run.png", full_page=True)
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("summary").first.wait_for()
    page.screenshot(path=SHOTS / "backfill-artifacts.png", full_page=True)
    page.get_by_text("summary").first.click()
    assert page.get_by_role("link", name="Explore", exact=True).get_attribute("href") == EXPLORE
    page.get_by_role("link", name="Report", exact=True).click()
    page.wait_for_url(f"{served.base}/report/index.html")
    assert page.title() == "Tidings: overview · invented sample data"
    leave(page)
    expected = {
        article.url
        for article in served.truth.articles
        if article.outlet == "ministry"
        and dt.date(2026, 6, 8) <= article.published_on <= dt.date(2026, 6, 12)
    }
    assert expected
    with open_release(served.lake) as con:
        assert {row[0] for row in con.execute("select url from articles").fetchall()} == expected


ATTACK = """async ([api, deployment, body]) => {
    const result = async (request) => {
        try { return (await request).type } catch { return "refused" }
    }
    const url = `${api}/deployments/${deployment}/create_flow_run`
    const post = {method: "POST", body: JSON.stringify(body)}
    const json = {...post, headers: {"content-type": "application/json"}}
    const socket = new WebSocket(`${api.replace("http", "ws")}/events/in`)
    const opened = new Promise(done => {
        socket.onopen = () => done("opened")
        socket.onerror = () => done("refused")
    })
    const create = (tag, values) => Object.assign(document.createElement(tag), values)
    const form = create("form", {method: "POST", action: url, target: "frame"})
    form.enctype = "text/plain"
    form.append(create("input", {name: '{"parameters":{},"tags":["', value: '"]}'}))
    const frame = create("iframe", {name: "frame"})
    document.body.append(frame, form)
    const loaded = new Promise(done => { frame.onload = done })
    form.submit()
    await loaded
    return [await result(fetch(url, json)), await result(fetch(url, {...post, mode: "no-cors"})),
            await result(fetch(`${api}/csrf-token?client=x`)), await opened]
}"""


@needs_chromium
def test_a_page_of_another_origin_starts_nothing(served: Any, page: Any) -> None:
    """A page from another loopback address cannot start a run by fetch, by a form or by a
    WebSocket.
    """
    count = {"deployments": {"id": {"any_": [served.deployment("backfill")]}}}
    before = served.post("flow_runs/count", count)
    page.goto(served.outlet)
    body = {"parameters": {"start": "2026-06-01", "end": "2026-06-01", "dry_run": True}}
    results = page.evaluate(ATTACK, [f"{served.base}/api", served.deployment("backfill"), body])
    assert results == ["refused"] * 4
    assert served.post("flow_runs/count", count) == before


WRONG = {"start": "2026-06-12", "end": "2026-06-08"}
SENTENCE = (
    "Invalid end date 2026-06-08: it is before the start date 2026-06-12. Use 2026-06-12 or a later"
    " date."
)


@pytest.fixture(scope="module")
def failed(served: Any) -> SimpleNamespace:
    """Return a run that failed while a notification block named tidings exists, the text that the
    block sent, and the automations before and after they were registered with the block and again.
    Before, one of them is disabled.
    """
    # the server registers them after the deployments, for which the fixture waits
    found = [served.wait_for(lambda: len(made := automations(served)) == 3 and made)]
    silence = found[0]["Tidings: no nightly run completed"]
    served.post(f"automations/{silence['id']}", {"enabled": False}, "PATCH")
    with inbox() as (url, received):
        block_type = served.get("block_types/slug/custom-webhook")["id"]
        wanted = {"block_schemas": {"block_type_id": {"any_": [block_type]}}}
        schema = served.post("block_schemas/filter", wanted)[0]["id"]
        text = {"text": "{{subject}}: {{body}}"}
        data = {"name": "tidings", "url": url, "method": "POST", "json_data": text}
        ids = {"block_type_id": block_type, "block_schema_id": schema}
        served.post("block_documents/", {"name": "tidings", "data": data, **ids})
        for _ in range(2):
            register(served)
            found.append(automations(served))
        run_id = served.submit("backfill", WRONG)
        state = served.wait(run_id)
        texts = served.wait_for(lambda: received)
    return SimpleNamespace(run_id=run_id, state=state, texts=texts, automations=found)


def test_an_invalid_window_fails_with_one_sentence(served: Any, failed: SimpleNamespace) -> None:
    """A window that ends before it starts fails immediately, with the sentence in state and log."""
    assert (failed.state["type"], failed.state["message"]) == ("FAILED", SENTENCE)
    served.wait_for(lambda: any(SENTENCE in line for line in served.logs(failed.run_id)))


def test_a_failed_run_notifies_the_block(failed: SimpleNamespace) -> None:
    """With a notification block named tidings, a failed run sends a notification with its message.
    Without it, nothing is sent. What a user disabled remains disabled.
    """
    first, changed, again = failed.automations
    names = ("a run failed or crashed", "no nightly run completed", "sources fail or are silent")
    for made, kind in ((first, "do-nothing"), (changed, "send-notification")):
        actions = {name: [one["type"] for one in row["actions"]] for name, row in made.items()}
        assert actions == {f"Tidings: {name}": [kind] for name in names}
    disabled = [name for name, row in changed.items() if not row["enabled"]]
    assert disabled == ["Tidings: no nightly run completed"]
    assert again == changed
    (text,) = failed.texts
    assert text.startswith("Tidings: a run failed or crashed: Run: refetch 2026-06-12 to 2026-06")
    assert SENTENCE in text


@needs_chromium
def test_the_page_of_a_failed_run_shows_its_error(
    served: Any, failed: SimpleNamespace, page: Any
) -> None:
    """The page of the run shows the state and the sentence."""
    page.goto(f"{served.base}/v2/runs/flow-run/{failed.run_id}")
    page.get_by_text("Failed").first.wait_for()
    page.get_by_text(SENTENCE).first.wait_for()
    page.screenshot(path=SHOTS / "wrong-window.png", full_page=True)


def test_foreign_requests_are_refused(served: Any) -> None:
    """A foreign origin or host name yields 403 from the API, the UI and the WebSockets, without a
    header that permits reading.
    """
    deployment = served.deployment("backfill")
    evil = {"origin": "http://evil.example"}
    assert refused(served.write(f"deployments/{deployment}", {}, "PATCH", **evil))
    assert refused(served.write(f"deployments/{deployment}/create_flow_run", {}, **evil))
    for path in ("/api/health", "/v2/deployments", "/ui-settings"):
        for headers in ({"host": "evil.example"}, evil):
            assert refused(urllib.request.Request(served.base + path, headers=headers))
    address = f"ws://127.0.0.1:{served.port}/api/events/in"
    foreign: list[tuple[Any, Any]] = [("http://evil.example", None), (None, "evil.example")]
    for origin, host in foreign:
        with (
            pytest.raises(InvalidStatus),
            connect(address, origin=origin, additional_headers={"Host": host} if host else None),
        ):
            pass
    with connect(address, origin=served.base):  # the UI itself has access
        pass


def refused(request: Any) -> Any:
    """Return whether the server answers a request with 403 and permits no page to read the
    response.
    """
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 403 and "access-control-allow-origin" not in error.headers
    return False


def test_a_write_requires_a_token(served: Any) -> None:
    """The server refuses a write without its CSRF token, also from programs other than browsers."""
    for headers in ({}, {"prefect-csrf-client": "x", "prefect-csrf-token": "x"}):
        assert refused(
            urllib.request.Request(
                f"{served.base}/api/flow_runs/count", b"{}", headers, method="POST"
            )
        )


def test_an_unknown_feed_is_no_choice(served: Any) -> None:
    """The server refuses a feed that is not a choice of the form."""
    path = f"deployments/{served.deployment('backfill')}/create_flow_run"
    body = {"parameters": {"start": "2026-07-01", "end": "2026-07-02", "feeds": ["nobody"]}}
    with pytest.raises(urllib.error.HTTPError, match="409") as refusal:
        served.post(path, body)
    refusal.value.close()


@needs_chromium
def test_a_retag_from_the_form_needs_no_dates(served: Any, page: Any) -> None:
    """The form lists advanced fields last and feeds as a choice; a retag without dates processes
    all days. A dry run writes a table of days and sources.
    """
    open_form(page, served)
    page.get_by_text("Advanced: run time").wait_for()
    labels = [
        text
        for text in page.locator("label").all_inner_texts()
        if text not in {"Run Name", "Enforce Parameter Schema"}
    ]
    assert labels[:2] == ["First day", "Last day"]
    assert [label.startswith("Advanced: ") for label in labels[:11]] == [False] * 8 + [True] * 3
    assert all(label.endswith(" (Optional)") for label in labels[2:11])
    choose(
        page,
        "Work: backfill only what is missing (refetch, the default), or process again (Optional)",
        "retag",
    )
    choose(page, "Sources: feeds (Optional)", "sample_ministry_list")
    page.get_by_role("switch").first.click()
    page.screenshot(path=SHOTS / "retag-form.png", full_page=True)
    run_id = submit(page, served)
    assert served.wait(run_id)["type"] == "COMPLETED"
    assert served.get(f"flow_runs/{run_id}")["name"] == (
        "dry run: retag all days, sample_ministry_list"
    )
    made = served.post("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}})
    assert [artifact["type"] for artifact in made if artifact["key"] == "plan"] == ["table"]


def automations(served: Any) -> dict[str, Any]:
    """Return the automations of the server by name."""
    return {automation["name"]: automation for automation in served.post("automations/filter", {})}


def register(served: Any) -> None:
    """Register the automations as ``tidings serve`` does when it starts, in another thread, because
    an event loop of the browser runs in this one.
    """

    def work() -> None:
        with temporary_settings({PREFECT_API_URL: f"{served.base}/api"}):
            asyncio.run(register_automations("30 4 * * *", "UTC"))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@contextlib.contextmanager
def inbox() -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a server and the list of the texts that it receives."""
    received: list[str] = []

    def respond(_: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        received.append(json.loads(body)["text"])
        return 204, {}, b""

    with web_server(respond) as origin:
        yield origin, received


@needs_chromium
@UNHURRIED
def test_the_next_run_completes_an_interrupted_one(served: Any, page: Any, tmp_path: Path) -> None:
    """After a cancellation in the UI and kills of the run or the server, no run stays Running. The
    next nightly run completes with all articles, and the Prefect API shows its log.

    A chosen name remains; the name that the UI chooses does not (see the form above). Changed pull
    steps, entry point, path and environment of the deployment have no effect on its runs.
    """
    cancelled, process = begin(served)
    os.kill(process, signal.SIGSTOP)  # a busy browser may need more time than the run
    page.goto(f"{served.base}/v2/runs/flow-run/{cancelled}")
    menu = page.get_by_role("button", name="Open menu")
    pick(page, menu, page.get_by_role("menuitem", name="Cancel"))
    confirm = page.get_by_role("button", name="Cancel Flow Run")
    confirm.wait_for()
    os.kill(process, signal.SIGCONT)
    confirm.click()
    assert served.wait(cancelled)["type"] == "CANCELLED"
    leave(page)
    served.wait_for(lambda: CANCELLED in served.logs(cancelled))
    assert not [line for line in served.logs(cancelled) if "rash" in line]
    stages = served.post("task_runs/filter", {"flow_runs": {"id": {"any_": [cancelled]}}})
    assert not [stage for stage in stages if stage["state_type"] in {"CRASHED", "FAILED"}]
    killed, process = begin(served)
    os.kill(process, signal.SIGKILL)
    assert served.wait(killed)["type"] == "CRASHED"
    left, _ = begin(served)
    served.stop(signal.SIGKILL)
    served.start()
    assert served.wait(left)["type"] == "CRASHED"
    change_nightly(served, tmp_path)
    run_id = served.submit("nightly", {"now": END.isoformat()}, name="my own name")
    state = served.wait(run_id)
    assert state["type"] == "COMPLETED", (state["message"], served.logs(run_id)[-5:])
    assert served.get(f"flow_runs/{run_id}")["name"] == "my own name"
    served.wait_for(lambda: any(line.startswith("audit: ") for line in served.logs(run_id)))
    assert not (tmp_path / "ran").exists()
    listed = sum(article.outlet == "ministry" for article in served.truth.articles)
    with open_release(served.lake) as con:
        assert con.execute(
            "select count(*) from articles where publisher_id = 'sample_ministry'"
        ).fetchone() == (listed,)


def begin(served: Any) -> tuple[Any, int]:
    """Submit a nightly run, wait for its first line, and return its ID and its process. That of the
    run before may still be ending.
    """
    before, position = served.processes_of_runs(), len(served.log.read_text())
    run_id = served.submit("nightly", {"now": END.isoformat()})
    served.wait_for(lambda: " sources from " in served.log.read_text()[position:])
    (process,) = served.processes_of_runs() - before
    return run_id, process


def change_nightly(served: Any, folder: Path) -> None:
    """Let the deployment of the nightly run name other code, which would write a file "ran" to a
    folder.
    """
    step = {"prefect.deployments.steps.run_shell_script": {"script": f"touch {folder}/ran"}}
    (folder / "evil.py").write_text(f"open('{folder}/ran', 'w')\n")
    written = {
        "pull_steps": [step],
        "entrypoint": f"{folder}/evil.py:nightly",
        "path": str(folder),
        "job_variables": {"env": {"PREFECT__FLOW_ENTRYPOINT": f"{folder}/evil.py:nightly"}},
    }
    served.post(f"deployments/{served.deployment('nightly')}", written, "PATCH")
    assert served.get("deployments/name/nightly/nightly")["pull_steps"] == [step]
