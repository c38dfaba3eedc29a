"""Count the packages of ``requirements.lock`` that have wheels, by version of Python and system.

``python benchmarks/locked_wheels.py`` needs uv, which resolves the lock for each system without
downloading a package.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux ARM": "aarch64-manylinux_2_28",
    "macOS ARM": "aarch64-apple-darwin",
    "macOS Intel": "x86_64-apple-darwin",
}


def check(python: str, platform: str) -> tuple[int, list[str]]:
    """Return the number of locked packages for a system, and those without a wheel for it."""
    missing: list[str] = []
    blocks = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder, "requirements.txt")
        while True:
            kept = [block for block in blocks if block.partition("==")[0] not in missing]
            chosen.write_text("\n".join(kept), encoding="utf-8")
            done = subprocess.run(
                [
                    *("uv", "pip", "install", "--dry-run", "--no-deps", "--require-hashes"),
                    *("--only-binary", ":all:", "--target", f"{folder}/target"),
                    *("--python-version", python, "--python-platform", platform),
                    *("--python", sys.executable, "-r", str(chosen)),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if resolved := re.search(r"Resolved (\d+) packages", done.stderr):
                return int(resolved[1]) + len(missing), missing
            package = re.search(r"(\S+)==\S+ has no", done.stderr)
            if package is None:
                raise SystemExit(done.stderr)
            missing.append(package[1])


def main() -> None:
    """Print a line for each version of Python and system."""
    for python in PYTHONS:
        for system, platform in PLATFORMS.items():
            count, missing = check(python, platform)
            print(f"| {python} | {system} | {count} | {', '.join(missing) or 'none'} |", flush=True)


if __name__ == "__main__":
    main()
