"""Measure the packages that an installed Tidings needs, in the environment of the Python that runs
this file.

``python benchmarks/install_size.py`` works in every environment that contains Tidings, also one
with other packages, because it follows the requirements of Tidings without its extras. Sizes are
megabytes (10^6 bytes) of files and of bytecode.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LISTED = 10


def find_closure(name: str) -> dict[str, Distribution]:
    """Return the installed packages that a package requires in this environment, and the package
    itself, by normalised name.
    """
    found: dict[str, Distribution] = {}
    waiting = [(name, "")]
    seen = set(waiting)
    while waiting:
        current, extra = waiting.pop()
        try:
            found[current] = package = distribution(current)
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, package.requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                key = canonicalize_name(requirement.name)
                new = {(key, part.replace("_", "-")) for part in ("", *requirement.extras)} - seen
                seen |= new
                waiting += new
    return found


def measure_package(package: Distribution) -> tuple[float, float]:
    """Return the megabytes of a package's files and of its bytecode."""
    sizes = [0, 0]
    for file in package.files or ():
        path = Path(str(file.locate()))
        if path.is_file():
            sizes[path.suffix == ".pyc"] += path.stat().st_size
    return sizes[0] / 1e6, sizes[1] / 1e6


def main() -> None:
    """Print the heaviest packages, and number and size of all."""
    sizes = {name: measure_package(package) for name, package in find_closure("tidings").items()}
    print(f"{'package':<34}{'MB':>8}{'bytecode':>10}")
    for name, (files, bytecode) in sorted(sizes.items(), key=lambda row: -row[1][0])[:LISTED]:
        print(f"{name:<34}{files:>8.1f}{bytecode:>10.1f}")
    totals = [sum(values) for values in zip(*sizes.values(), strict=True)]
    print(f"{f'all {len(sizes)} packages':<34}{totals[0]:>8.1f}{totals[1]:>10.1f}")


if __name__ == "__main__":
    main()
