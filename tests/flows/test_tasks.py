"""Prefect tasks of the stages."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect._internal.result_records import ResultRecordMetadata
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.serializers import PickleSerializer
from prefect.utilities.callables import parameter_schema

import tidings.flows.tasks  # noqa: F401 - every run imports it
from tests.flows.nights import copy_prefect_database
from tidings.flows.backfill import backfill
from tidings.flows.maintain import maintain
from tidings.flows.nightly import nightly
from tidings.flows.release import release


class Touch:
    """A value that creates a file when it is unpickled."""

    def __init__(self, path: Any) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_a_stored_result_is_never_unpickled(tmp_path: Path) -> None:
    """Reading a stored result raises an error, so that its bytes are never executed."""
    packed = PickleSerializer().dumps(Touch(tmp_path / "ran")).decode()
    metadata = ResultRecordMetadata(
        storage_key="result", serializer=PickleSerializer()
    ).model_dump_json()
    (tmp_path / "result").write_text(
        f'{{"metadata": {metadata}, "result": "{packed}"}}'.replace("\n", "\\n")
    )
    with pytest.raises(RuntimeError, match="no stored results"):
        ResultStore(result_storage=LocalFileSystem(basepath=str(tmp_path))).read("result")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("flow", [nightly, backfill, maintain, release])
def test_the_form_calls_no_field_optional_and_required(flow: Any) -> None:
    """Prefect's form adds "(Optional)" to the label of each field that the schema does not require.
    Its help must agree.
    """
    schema = parameter_schema(flow)
    for name, field in schema.properties.items():
        assert name in schema.required or "required" not in field["description"].lower()
    assert schema.required == (["start", "end"] if flow is backfill else [])


FAILING = """
import sys
from pathlib import Path
from tidings.flows.prefect_server import prefect_server

with prefect_server(Path(sys.argv[1])):
    from tidings.flows.tasks import guarded_flow
    from tidings.storage.lake import WarehouseError

    for reason in ("server closed the connection unexpectedly", "The audit failed.", ""):
        calls = []

        def night() -> None:
            calls.append(1)
            raise WarehouseError(reason) if reason else ZeroDivisionError

        state = guarded_flow(night).with_options(retry_delay_seconds=0)(return_state=True)
        print(state.name, len(calls))
"""


@pytest.mark.slow
def test_only_a_lost_connection_is_tried_again(tmp_path: Path) -> None:
    """A run that loses the connection to the catalog starts again three times; a failed audit and a
    bug end the run.
    """
    copy_prefect_database(tmp_path)
    result = subprocess.run(
        [sys.executable, "-c", FAILING, tmp_path], capture_output=True, text=True, check=False
    )
    assert result.stdout.split("\n")[:3] == ["Failed 4", "Failed 1", "Failed 1"], result.stderr
