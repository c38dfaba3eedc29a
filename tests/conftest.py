"""Servers that tests of several machines share; each is started when a test first asks for it."""

import pytest

from tests.warehouse.services import object_storage, postgres


@pytest.fixture(scope="session")
def pg(tmp_path_factory):
    """A PostgreSQL server."""
    with postgres(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(scope="session")
def s3():
    """An S3 server over HTTP."""
    with object_storage() as endpoint:
        yield endpoint
