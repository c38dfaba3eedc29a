"""Prefect tasks of the stages."""

from pathlib import Path

import pytest
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultRecordMetadata, ResultStore
from prefect.serializers import PickleSerializer

import tidings.flows.tasks  # noqa: F401 - every run imports it


class Touch:
    """A value that creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_stored_result_is_never_unpickled(tmp_path):
    """Reading a stored result raises an error, so that its bytes are never executed."""
    packed = PickleSerializer().dumps(Touch(tmp_path / "ran")).decode()
    metadata = ResultRecordMetadata(storage_key="result", serializer=PickleSerializer()).model_dump_json()
    (tmp_path / "result").write_text(f'{{"metadata": {metadata}, "result": "{packed}"}}'.replace("\n", "\\n"))
    with pytest.raises(RuntimeError, match="no stored results"):
        ResultStore(result_storage=LocalFileSystem(basepath=str(tmp_path))).read("result")
    assert not (tmp_path / "ran").exists()
