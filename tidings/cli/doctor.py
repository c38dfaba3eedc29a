"""``tidings doctor`` and ``status``: checks, which yield findings."""

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import typer
from rich import filesize
from typer import Option

from tidings.analysis.answers import has_table
from tidings.analysis.breaks import read_breaks
from tidings.analysis.report import read_manifest
from tidings.analysis.report.release import read_invented
from tidings.annotation.phrases import spell_out
from tidings.base.languages.plural import counted, listed
from tidings.base.messages import explain
from tidings.base.records import CLOCK_TOLERANCE
from tidings.base.settings import Settings, SettingsError, read_settings
from tidings.cli.findings import (
    Finding,
    check_breaks,
    error,
    ok,
    print_findings,
    print_sources,
    warn,
)
from tidings.cli.lake import find_lake
from tidings.cli.terminal import display, headed, print_progress, refuse
from tidings.fetch.registry import read_publishers, read_registry
from tidings.fetch.source_verdict import Verdict
from tidings.stages.audit import AUDIT_FILE
from tidings.stages.plan import RECENT, describe_gaps, read_gaps
from tidings.stages.rights import list_reserved
from tidings.stages.source_health import judge_sources
from tidings.storage.find_damage import REWRITE, find_damage
from tidings.storage.lake import Connection, Lake, WarehouseError, open_lake, transaction
from tidings.storage.migrate import VERSION, schema_version
from tidings.storage.pending import count_uncleaned
from tidings.storage.reference import read_csv, read_seed
from tidings.storage.release import file_release, is_intact, last_release
from tidings.storage.remote_lake import demo_lake, lake_of
from tidings.storage.seed_checks import NEEDED, check_all
from tidings.storage.writer_lock import writer_lock

# bytes, in addition to the second copy of the release file that each nightly run writes
SPARE = 1e9
STALE = dt.timedelta(hours=36)  # one day between nightly runs, and half a day of tolerance
NIGHTLY = "Run `tidings nightly`."
SERVE = "Start `tidings serve`, or run `tidings nightly`."
NO_ACTION = "No action is needed: the next nightly run "
FAILED_AUDIT = (
    "The last release is still in use. Find the rows in the run's log, fix their cause, and run"
    " `tidings nightly` again."
)


def doctor(
    quiet: bool = Option(
        False, "--quiet", "-q", help="Print errors only; without an error, print nothing."
    ),
    deep: bool = Option(
        False, "--deep", help="Read every warehouse file completely (minutes for 10 GB)."
    ),
) -> None:
    """Check this machine, the settings, the reference data and the warehouse.

    Each line starts with `ok`, `warn` or `error`, and states the next step. The exit status is 1 if
    there is an error. The command changes nothing, and makes no network requests. If no run polled
    for 36 hours, as without a schedule, it reports an error.

    With `--deep`, the command also reads every Parquet file, every WARC record and the release
    file, and names each damaged file.
    """
    findings = list(run_checks(deep=deep))
    errors = [finding for finding in findings if finding.level == "error"]
    print_findings(errors if quiet else findings)
    if errors:
        display(counted(len(errors), "error"))
        raise typer.Exit(1)


def run_checks(*, deep: bool) -> Iterator[Finding]:
    """Yield the findings of all checks. Skip the other checks if the settings are invalid."""
    try:
        settings = read_settings()
        lake = lake_of(settings)
    except (SettingsError, WarehouseError) as failure:  # the latter for an invalid lake URL
        remedy = "Correct the variable. All other checks were skipped."
        yield error("settings", str(failure).rstrip("."), remedy)
        return
    yield check_disk(settings.warehouse)
    yield from check_settings(settings)
    yield from check_seeds(settings)
    yield from check_lake(lake, dt.datetime.now(dt.UTC), deep=deep)


def _explained(subject: str, remedy: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings. A failure that a user can fix ends them as an error."""
    try:
        yield from findings
    except Exception as failure:
        sentence = explain(failure)
        if sentence is None:
            raise
        yield error(subject, sentence.rstrip("."), remedy)


def check_disk(root: Path) -> Finding:
    """Return whether the data folder is writable and has space for a night."""
    place = next(folder for folder in (root, *root.parents) if folder.is_dir())
    if not os.access(place, os.W_OK):
        remedy = "Change its permissions, or set TIDINGS_WAREHOUSE to another folder."
        return error("disk", f"{place} is not writable", remedy)
    file = root / "tidings.duckdb"
    need = SPARE + (2 * file.stat().st_size if file.is_file() else 0)
    free = shutil.disk_usage(place).free
    space = f"{free / 1e9:.1f} GB free in {place}"
    if free < need:
        remedy = "Free space, or set TIDINGS_WAREHOUSE to a folder on another disk."
        return error("disk", f"{space}, but a nightly run needs {need / 1e9:.1f} GB", remedy)
    return ok("disk", space)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Yield findings about settings that affect others."""
    if not os.environ.get("TIDINGS_CONTACT"):
        remedy = "Set TIDINGS_CONTACT to an e-mail address or a web page."
        yield warn("contact", "publishers cannot contact you", remedy)
    if settings.allow_hosts:
        hosts = ", ".join(f"{host}:{port}" for host, port in sorted(settings.allow_hosts))
        state = f"requests to private addresses are allowed: {hosts}"
        yield warn("TIDINGS_ALLOW_HOSTS", state, "Unset the variable except for tests.")


def check_seeds(settings: Settings) -> Iterator[Finding]:
    """Yield findings about the feed list and the other reference data."""
    if missing := settings.missing_seeds:
        state = f"folder not found: {', '.join(map(str, missing))}"
        yield error("reference data", state, "Correct TIDINGS_SEEDS.")
    yield from _explained("reference data", "Correct the file.", _check_rows(settings))


def _check_rows(settings: Settings) -> Iterator[Finding]:
    tables = {name: read_seed(name, settings.seeds) for name in NEEDED}
    rows = read_csv(settings.feeds, ("feed_id", "url"))
    sources, used = read_registry(rows, read_publishers(tables["publishers"]))
    if problems := check_all(tables, spell_out, map(attrgetter("publisher_id"), used)):
        more = f" {len(problems) - 3} more problems." if len(problems) > 3 else ""
        state = f"{' '.join(problems[:3])}{more}".rstrip(".")
        yield error("reference data", state, "Correct the rows.")
    else:
        yield ok("reference data", f"{sum(map(len, tables.values())):,} valid rows")
    polled = sum(map(attrgetter("is_enabled"), sources))
    summary = f"{settings.feeds}, {polled} of {len(sources)} sources enabled"
    remedy = "Set is_enabled to true for the sources that you want."
    yield ok("feed list", summary) if polled else error("feed list", summary, remedy)


def check_lake(lake: Lake, now: dt.datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Yield the findings of ``check_warehouse``, or why the lake cannot be opened."""
    remedy = "Check the disk and the file permissions. If they are correct, restore a backup."
    findings = check_warehouse(lake, now, deep=deep)
    yield from _explained("warehouse", "" if lake.is_shared else remedy, findings)


def check_warehouse(lake: Lake, now: dt.datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Yield findings about a warehouse at ``now``, or else about the demo's. With ``deep``, read
    every file completely.
    """
    if demo := demo_lake(lake):
        state = f"{lake.name} has no warehouse yet; the next lines describe the demo"
        yield warn("warehouse", state, NIGHTLY)
        lake = demo
    if not lake.exists:
        lake.setup()  # raises if this machine has no access to the data
        yield error("warehouse", lake.why_missing().rstrip("."))
        return
    with open_lake(lake, read_only=True) as con, transaction(con):
        yield _check_schema(con, lake)
        yield _check_last_run(con, lake, now)
        yield _check_audit(con, lake)
        yield from _check_release(con, lake)
        yield from _check_sources(con, now)
    damages = list(find_damage(lake, print_progress)) if deep else []
    for damage in damages:
        yield error(damage.name, damage.problem, damage.todo)
    if deep and not damages:
        yield ok("files", "every table, every archive record and the release file is readable")


def _check_schema(con: Connection, lake: Lake) -> Finding:
    stored = schema_version(con)
    subject, state = "warehouse", f"{lake.name}, schema {stored}"
    if stored > VERSION:
        return error(subject, f"{state}, but this version supports {VERSION}", "Upgrade Tidings.")
    if stored < VERSION:
        return warn(subject, f"{state} of {VERSION}", f"{NO_ACTION}upgrades it.")
    return ok(subject, state)


def _check_last_run(con: Connection, lake: Lake, now: dt.datetime) -> Finding:
    """Return whether the last run is recent. The demo has its own clock and is never outdated."""
    query = "select max(last_polled_at), max(last_polled_at) filter (last_polled_at <= ?)"
    now_or_soon = [now + CLOCK_TOLERANCE]
    [(last, past)] = con.execute(f"{query} from raw.feed_states", now_or_soon).fetchall()
    if last is None:
        return error("last run", "no source has been polled yet", NIGHTLY)
    if lake.root.name == "demo":
        return ok("last run", f"{last:%Y-%m-%d}, the simulated time of the demo")
    if last != past and (past is None or now - past > STALE):
        time = f"{last:%Y-%m-%d %H:%M} UTC"
        state = f"the clock of a run was ahead: its polls have the time {time}, in the future"
        remedy = "Check the clocks of your machines, then run `tidings nightly`: it polls all."
        return error("last run", state, remedy)
    age = now - past
    shown = f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} hours"
    state = f"last poll {past:%Y-%m-%d %H:%M} UTC, {shown} ago"
    return error("last run", state, SERVE) if age > STALE else ok("last run", state)


def _check_audit(con: Connection, lake: Lake) -> Finding:
    """Return the result of the last audit, or of the last release if another machine ran it."""
    try:
        audit: dict[str, Any] = json.loads((lake.work / AUDIT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        if lake.is_shared and (last := last_release(con)):
            state = f"{last.audit_passed} tests passed for the last release, on another machine"
            return ok("audit", state)
        return warn("audit", "no audit has run yet", NIGHTLY)
    if failed := audit["failed"]:
        return error("audit", f"the last audit failed: {listed(failed, 2)}", FAILED_AUDIT)
    if warned := audit["warned"]:
        state = f"passed with {counted(len(warned), 'warning')}: {listed(warned, 2)}"
        return warn("audit", state, "Read them in the run's log.")
    return ok("audit", f"{audit['passed']} tests passed")


def _check_release(con: Connection, lake: Lake) -> Iterator[Finding]:
    last, file = last_release(con), lake.release_file
    if last is None:
        remedy = "Run `tidings nightly` and read the last lines of its output."
        yield error("release", "no release yet", remedy)
    elif (written := file_release(file)) != last.release_id and lake.is_shared:
        state = f"{last.release_id}; this machine has {written or 'no release'}, and the next"
        yield ok("release", f"{state} command that reads it writes {file}")
    elif written != last.release_id:
        yield error("release", f"{file.name} is not the file of {last.release_id}", REWRITE)
    elif not is_intact(file):
        yield error("release", f"{file.name} is damaged", REWRITE)
    else:
        yield ok("release", f"{last.release_id}, {file}")
        yield _check_report(lake, last.release_id)


def _check_report(lake: Lake, release_id: str) -> Finding:
    shown = read_manifest(lake.report).release_id
    if shown == release_id:
        return ok("report", f"{lake.report / 'index.html'}")
    if lake.is_shared:
        state = "another machine made the last release, and its report"
        return warn("report", state, "`tidings report` writes it here.")
    state = f"outdated: it shows {shown}" if shown else "not written yet"
    return error("report", state, "Run `tidings report`.")


def _check_sources(con: Connection, now: dt.datetime) -> Iterator[Finding]:
    judged = judge_sources(con)
    bad = [f"{poll.feed_id} ({verdict})" for verdict, poll in judged if verdict != Verdict.FINE]
    state, shown = f"{len(judged)} in total, {len(bad)} with a problem", listed(bad, 3)
    action = "`tidings status` shows the reasons and the next steps."
    yield warn("sources", f"{state}: {shown}", action) if bad else ok("sources", state)
    yield from check_breaks(con)
    if gaps := read_gaps(con, now, now.date() - RECENT):
        yield warn("gaps", describe_gaps(gaps), "`tidings status` lists them.")
    if pending := sum(count_uncleaned(con).values()):
        yield warn("pages", f"{pending:,} not cleaned yet", f"{NO_ACTION}cleans them.")


# Of the last 28 days with pages; the share of fewer than five pages is random. The example is the
# page with the lowest confidence.
BADLY_EXTRACTED = """
with outlets as (
    select publisher_id, sum(estimated_count) as pages, sum(expected_wrong_count) as wrong,
        min(published_on) as since
    from measures.extraction_daily
    where published_on > (select max(published_on) - 28 from measures.extraction_daily)
    group by publisher_id having pages >= 5 and sum(low_count) >= 0.3 * pages
)
select coalesce(name, publisher_id), pages, format('{:.0f}%', 100 * wrong / pages),
    replace(mode(extraction_doubt order by extraction_doubt), '_', ' '),
    min_by(url, (extraction_confidence, url))
from outlets
inner join core.articles using (publisher_id)
left join ref.publishers using (publisher_id)
where published_on >= since and extraction_doubt is not null
    and coalesce(excluded_reason, 'no_text') = 'no_text'
group by publisher_id, name, pages, wrong order by wrong desc, publisher_id limit 10
"""
MAX_GAPS = 15  # gaps shown


def status(
    all_sources: bool = Option(
        False, "--all", help="List all sources, not only those with problems."
    ),
    accept: str = Option(
        "",
        metavar="OUTLET:KIND",
        help="Accept an open data problem, for example `times:volume_up`: it is no longer"
        " reported, and its reason stays in `outlet_breaks`.",
    ),
    reason: str = Option("", help="Why the data problem is accepted."),
) -> None:
    """Show the health of the sources, data problems, coverage gaps, badly extracted outlets,
    outlets that reserve text and data mining, and disk use.

    `tidings doctor` has the states of the last run, the audit and the release.
    """
    lake = find_lake()
    if accept:
        accept_break(lake, accept, reason)
    with open_lake(lake, read_only=True) as con:
        print_sources(con, all_sources=all_sources)
        findings = [*check_outlets(con, dt.datetime.now(dt.UTC))]
        none = ok("outlets", "no data problems, gaps or badly extracted pages")
        has_rights = has_table(con, "ops.source_rights")
        reserved = list_reserved(con, dt.datetime.now(dt.UTC).date()) if has_rights else {}
        notice = read_invented(con).notice
    parts = {name: (path, *path.rglob("*")) for name, path in lake.parts_here().items()}
    sizes = ", ".join(
        f"{name} {filesize.decimal(sum(file.stat().st_size for file in files if file.is_file()))}"
        for name, files in parts.items()
    )
    free = filesize.decimal(shutil.disk_usage(lake.root).free)
    rights = [ok("rights", sentence) for sentence in reserved]
    disk = ok("disk", f"{sizes}; {free} free in {lake.root}")
    display()
    print_findings([*(findings or [none]), *rights, disk])
    if notice:
        display(headed(f"\n{notice}"))


def check_outlets(con: Connection, now: dt.datetime) -> Iterator[Finding]:
    """Yield the open data problems, the newest gaps, and the badly extracted outlets."""
    yield from check_breaks(con)
    problems = {(found.name, found.first_on, found.last_on) for found in read_breaks(con)}
    gaps = [
        gap
        for gap in read_gaps(con, now)
        if (gap.name, gap.first_on, gap.last_on) not in problems  # a silence is in both
    ]
    for gap in gaps[:MAX_GAPS]:
        days = " to ".join(map(str, dict.fromkeys((gap.first_on, gap.last_on))))
        yield warn("gap", f"{gap.name}, {days}: {gap.reason}")
    yield from check_extraction(con)


def check_extraction(con: Connection) -> Iterator[Finding]:
    """Yield the outlets whose pages have a low confidence, the most wrong texts first."""
    if not has_table(con, "measures.extraction_daily"):
        return
    for name, pages, wrong, doubt, url in con.execute(BADLY_EXTRACTED).fetchall():
        state = f"{name}, last 28 days: {wrong} of {pages} pages are probably wrong, mostly {doubt}"
        yield warn("extraction", state, f"`tidings extract --explain '{url}'` shows why.")


def accept_break(lake: Lake, name: str, reason: str) -> None:
    """Record that a person accepts the open breaks of OUTLET:KIND. Raises UserError if there is
    none, or no reason.
    """
    refuse(not reason.strip(), 'State why with --reason: for example --reason "An election."')
    where = "where publisher_id || ':' || kind = $name and state = 'open'"
    values = {"reason": reason.strip(), "name": name}
    with writer_lock(lake), open_lake(lake) as con:
        names = [f"{row.publisher_id}:{row.kind}" for row in read_breaks(con)]
        shown = ", ".join(names) or "none"
        refuse(name not in names, f"There is no open data problem {name!r}. Open: {shown}.")
        con.execute(
            "insert into ops.accepted_breaks select publisher_id, kind, first_on, $reason, now()"
            f" from marts.outlet_breaks {where}",
            values,
        )
        accepted = "update marts.outlet_breaks set state = 'accepted', accepted_reason = $reason"
        con.execute(f"{accepted} {where}", values)
