"""Run the sample newsroom until interrupted: `python -m tidings.demo --port 8700 [--now ISO]`."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from tidings.demo.outlets import OUTLETS
from tidings.demo.serve import END, start
from tidings.demo.truth import PORT


def main() -> int:
    """Return the exit status: 0 after Ctrl-C, 2 if the port is in use or the clock's time has no
    time zone.
    """
    parser = argparse.ArgumentParser(prog="python -m tidings.demo", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=PORT,
        help="the port on all five addresses; 0 selects a free port",
    )
    parser.add_argument(
        "--now",
        default=END.isoformat(),
        help="start time of the newsroom's clock (ISO 8601 with time zone)",
    )
    parser.add_argument(
        "--feeds", metavar="FILE", type=Path, help="write the feed list to this file"
    )
    options = parser.parse_args()
    try:
        with start(options.port, options.now) as newsroom:
            if options.feeds:
                options.feeds.write_text(newsroom.feeds_csv(), "utf-8")
            for name, home in newsroom.base_urls.items():
                sys.stdout.write(f"{OUTLETS[name].title}: {home}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The sample newsroom cannot start: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
