"""Builds the site: first the pages that are generated from the code, then all of it with Sphinx, where a warning is an error.

``python docs/build.py [FOLDER]``, FOLDER being ``build/docs`` unless given. Generated are the data dictionary and the lineage,
both from dbt's own manifest, and the reference of the commands, from the command line itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SCHEMAS = ("marts", "core", "ref", "ops", "raw")
HEAD = """# Data dictionary

Generated from dbt's files by `make docs`. How columns are named: `_id` a key, `_on` a day in the publisher's zone, `_at` an
instant in UTC, `_count`, `_share` from 0 to 1, `is_` and `has_`. Null means unknown, never zero.

The models between the tables, and their SQL: <a href="lineage.html">the lineage, in dbt's own browser</a>.
"""
WORDS = {
    "marts": "What analysts ask: made by dbt, audited, in every release.",
    "core": "Articles and their revisions: written by Python, in every release.",
    "ref": "Reference data as the night used it, from seeds/ and what lies over it; in every release.",
    "ops": "Releases and the schema's versions.",
    "raw": "What was fetched and seen, in the lake only.",
}


def read_manifest(work: Path) -> dict[str, Any]:
    """Return dbt's manifest, and leave its lineage browser in the work folder as ``target/static_index.html``."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    project = str(ROOT / "transforms")
    quiet = ["--quiet", "--no-version-check", "--no-send-anonymous-usage-stats", "--log-level", "none"]
    common = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(work / "target"), "--log-path", str(work)]
    for command in (["parse"], ["docs", "generate", "--static", "--empty-catalog", "--no-compile"]):
        outcome = dbtRunner().invoke([*quiet, *command, *common])
        if not outcome.success:
            message = f"dbt {command[0]} failed: {outcome.exception}"
            raise SystemExit(message)
    found: dict[str, Any] = json.loads((work / "target" / "manifest.json").read_text(encoding="utf-8"))
    return found


def write_dictionary(manifest: dict[str, Any]) -> str:
    """Return the data dictionary as Markdown: every table of every schema, its columns, and what it is made from."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"} | manifest["sources"]
    tables = {_name(node): node for node in nodes.values() if _name(node).partition(".")[0] in SCHEMAS}
    parents = {name: _ancestors(node, nodes) for name, node in tables.items()}
    children: dict[str, list[str]] = {}
    for name, found in parents.items():
        for one in found:
            children.setdefault(one, []).append(name)
    lines = [HEAD]
    for schema in SCHEMAS:
        lines += [f"## Schema {schema}", "", WORDS[schema], ""]
        for name in sorted(one for one in tables if one.startswith(f"{schema}.")):
            lines += _table(name, tables[name], parents[name], sorted(children.get(name, ())))
    return "\n".join(lines)


def _name(node: dict[str, Any]) -> str:
    return f"{node['schema']}.{node['name']}"


def _ancestors(node: dict[str, Any], nodes: dict[str, Any]) -> list[str]:
    """Return the tables that a model reads, models between them passed through."""
    found, waiting, seen = set(), list(node.get("depends_on", {}).get("nodes", ())), set()
    while waiting:
        key = waiting.pop()
        if key in seen or key not in nodes:
            continue
        seen.add(key)
        if _name(nodes[key]).partition(".")[0] in SCHEMAS:
            found.add(_name(nodes[key]))
        else:
            waiting += nodes[key].get("depends_on", {}).get("nodes", ())
    return sorted(found)


def _table(name: str, node: dict[str, Any], parents: list[str], children: list[str]) -> list[str]:
    lines = [f"### {name}", "", _one_line(node.get("description")) or "Not described.", ""]
    if parents:
        lines += [f"Made from {', '.join(map(_link, parents))}.", ""]
    if children:
        lines += [f"Read by {', '.join(map(_link, children))}.", ""]
    columns = list(node.get("columns", {}).values())
    if columns:
        lines += ["| column | is |", "|---|---|"]
        lines += [f"| `{one['name']}` | {_one_line(one.get('description')).replace('|', chr(92) + '|')} |" for one in columns]
        lines.append("")
    return lines


def _link(name: str) -> str:
    return f"[{name}](#{name.replace('.', '')})"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("<", "&lt;")


def write_commands() -> str:
    """Return the reference of the command line as Markdown, by Typer from the commands themselves."""
    import typer.cli  # noqa: PLC0415 - only here
    import typer.main  # noqa: PLC0415

    from tidings.flows.cli import app  # noqa: PLC0415

    group = typer.main.get_command(app)
    told = typer.cli.get_docs_for_click(
        obj=group, ctx=typer.Context(group, info_name="tidings"), name="tidings", title="Commands"
    )
    return f"{told}\n"


def main(target: Path) -> int:
    """Build the site into a folder and return Sphinx's exit status."""
    from sphinx.cmd.build import build_main  # noqa: PLC0415 - only here

    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "docs"
        shutil.copytree(ROOT / "docs", source, ignore=shutil.ignore_patterns("__pycache__", "build.py"))
        manifest = read_manifest(Path(name) / "dbt")
        (source / "dictionary.md").write_text(write_dictionary(manifest), encoding="utf-8")
        (source / "commands.md").write_text(write_commands(), encoding="utf-8")
        status = build_main(["-q", "-W", "--keep-going", "-b", "html", "-d", str(Path(name) / "trees"), str(source), str(target)])
        shutil.copyfile(Path(name) / "dbt" / "target" / "static_index.html", target / "lineage.html")
    if not status:
        print(target / "index.html")  # noqa: T201 - a script that prints
    return int(status)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs").resolve()))
