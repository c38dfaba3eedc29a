"""usage: python recipes/write.py OWNER SDIST URL FOLDER
Writes the recipes for Homebrew and conda-forge to FOLDER, with the version and hash of an sdist.
"""

import hashlib
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECIPES = {"homebrew.rb.in": "tidings.rb", "conda-forge.yaml.in": "recipe.yaml"}


def main() -> None:
    """Write both recipes, or end with a sentence."""
    if len(sys.argv) != 5 or not re.fullmatch(r"[\w-]+", sys.argv[1]):
        sys.exit(str(__doc__).strip())
    owner, sdist, url, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    found = re.fullmatch(r"tidings-(.+)\.tar\.gz", sdist.name)
    if not found or not sdist.is_file() or not re.fullmatch(r"https://[\w./%+-]+", url):
        sys.exit(
            "Name the file tidings-VERSION.tar.gz, and the https URL from which it is downloaded."
        )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ((command, function),) = project["scripts"].items()
    values = {
        "OWNER": owner,
        "VERSION": found[1],
        "URL": url,
        "SHA256": hashlib.sha256(sdist.read_bytes()).hexdigest(),
        "COMMAND": command,
        "ENTRY": f"{command} = {function}",
        "RUN": "\n".join(f"    - {spaced(name)}" for name in project["dependencies"]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for template, name in RECIPES.items():
        text = (ROOT / "recipes" / template).read_text()
        text = re.sub(r"@([A-Z0-9]+)@", lambda match: values[match[1]], text)
        (folder / name).write_text(text)


def spaced(requirement: str) -> str:
    """Return a requirement as conda writes it: a space before the versions."""
    return re.sub(r"^([\w.-]+)\s*(?=[<>=!~])", r"\1 ", requirement)


main()
