"""Select the lake that a command reads."""

from tidings.base.settings import read_settings
from tidings.cli.terminal import print_progress
from tidings.storage.lake import Lake
from tidings.storage.release import refresh_release_file
from tidings.storage.remote_lake import demo_lake, lake_of


def find_lake(*, is_silent: bool = False) -> Lake:
    """Return the configured lake, or the demo's in the same folder if it does not exist, and state
    that unless ``is_silent``.
    """
    lake = lake_of(read_settings())
    if demo := demo_lake(lake):
        if not is_silent:
            print_progress(
                f"No nightly run has created a warehouse yet; using the demo warehouse {demo.root}."
            )
        return demo
    if lake.is_shared and lake.exists:
        refresh_release_file(lake)
    return lake
