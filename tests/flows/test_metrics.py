"""The metrics of a run are in the text format of Prometheus."""

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.storage.rows import NOW
from tidings.fetch.source_verdict import Verdict
from tidings.flows.metrics import HELP, read_metrics, record_end, write_metrics

# The exposition format 0.0.4: comments, and a name with labels and a value.
LINE = re.compile(
    r'# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"\})? -?[0-9.e+-]+'
)


@pytest.mark.parametrize("is_completed", [True, False])
def test_a_run_that_ended_has_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_completed: bool
) -> None:
    """A monitor sees whether the last run completed, when and how long it took."""
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    run: Any = SimpleNamespace(start_time=NOW, expected_start_time=None)
    end = NOW + dt.timedelta(minutes=2)
    state: Any = SimpleNamespace(timestamp=end, is_completed=lambda: is_completed)
    flow: Any = SimpleNamespace(name="nightly")
    record_end(flow, run, state)
    lines = (tmp_path / "metrics-nightly.prom").read_text().splitlines()
    assert f'tidings_run_success{{flow="nightly"}} {int(is_completed)}' in lines
    assert 'tidings_run_duration_seconds{flow="nightly"} 120' in lines
    assert f'tidings_run_end_timestamp_seconds{{flow="nightly"}} {end.timestamp():.0f}' in lines
    assert all(map(LINE.fullmatch, lines))


def test_a_warehouse_has_the_rows_and_sources_of_its_release(
    sample_night: Any, tmp_path: Path
) -> None:
    """The numbers are those of the release; a name with quotes or line ends does not break the
    file.
    """
    metrics = read_metrics(sample_night.lake)
    rows = {labels["table"]: value for name, labels, value in metrics if name.endswith("_rows")}
    assert rows == sample_night.release.row_counts
    counts = {
        labels["verdict"]: value for name, labels, value in metrics if name.endswith("sources")
    }
    assert set(counts) == set(Verdict)
    assert sum(counts.values()) > 0
    write_metrics(tmp_path / "a.prom", [("tidings_sources", {"verdict": 'a"\\\n'}, 1.5)])
    *_, line = (tmp_path / "a.prom").read_text().splitlines()
    assert line == 'tidings_sources{verdict="a\\"\\\\\\n"} 1.5'
    assert LINE.fullmatch(line)
    assert all(name.startswith("tidings_") for name in HELP)
