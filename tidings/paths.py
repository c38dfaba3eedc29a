"""The folders of files that are not Python: beside the package in a checkout, inside it in a
wheel.
"""

from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def is_checkout(package: Path = PACKAGE) -> bool:
    """Return whether this package is part of a checkout of the repository, not of an installed
    program.
    """
    return (package.parent / "transforms" / "dbt_project.yml").is_file()


ROOT = PACKAGE.parent if is_checkout() else PACKAGE
"""The folder of ``flows/``, ``transforms/``, ``seeds/`` and ``warehouse/``."""

FLOWS, TRANSFORMS, SEEDS, MIGRATIONS = (
    ROOT / name for name in ("flows", "transforms", "seeds", "warehouse/migrations")
)


def default_folder(env: Mapping[str, str], package: Path = PACKAGE) -> Path:
    """Return warehouse/data in a checkout, else ``tidings`` in the user's data folder, because a
    package may be read-only.
    """
    if is_checkout(package):
        return package.parent / "warehouse" / "data"
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tidings"
