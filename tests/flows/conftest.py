"""The sample newsroom's one night, which many tests ask about."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import sample
from sample.serve import END, start
from tests.flows.nights import night, settings_for
from warehouse.lake import Lake

SEEDS = str(Path(sample.__file__).parent / "seeds")


@pytest.fixture(scope="session")
def newsroom():
    """The sample newsroom, running, its clock at the end of its ninety days."""
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def sample_night(newsroom, tmp_path_factory):
    """One night on the sample newsroom, from an empty warehouse; read only, since tests share it."""
    folder = tmp_path_factory.mktemp("someone's sample")  # an apostrophe is a letter of paths, and a quote of SQL
    feeds = folder / "feeds.csv"
    feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
    hosts = [url.removeprefix("http://") for url in newsroom.base_urls.values()]
    settings = settings_for(folder / "data", feeds, hosts, SEEDS)
    newsroom.set_now(END)
    newsroom.clear_log()
    made = night(settings, END)
    return SimpleNamespace(
        settings=settings, lake=Lake(settings.warehouse), release=made, truth=newsroom.truth, log=newsroom.log()
    )
