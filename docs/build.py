"""Build the documentation site with Sphinx, where a warning is an error.

``python docs/build.py [FOLDER]`` (default ``build/docs``) first generates the data dictionary and
the lineage from dbt's manifest, the command reference from the command line, and the quality of the
word list from ``seeds/``.
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
SCHEMAS = ("marts", "core", "ref", "ops", "raw", "measures")
INTRODUCTION = """# Data dictionary

`make docs` generates this page from dbt's files. In column names, `_id` is a key, `_on` a date in
the publisher's time zone,
`_at` a time in UTC, `_count` a number, and `_share` a value from 0 to 1; `is_` and `has_` are true
or false. Null means unknown, never zero.

The <a href="lineage.html">lineage browser</a> shows the models between the tables with their SQL.
"""
DESCRIPTIONS = {
    "marts": "Tables for analysts: built by dbt, audited, in every release.",
    "measures": "Tables for special questions, built as the marts, in every release; until 0.4 a"
    " view in marts has the same name.",
    "core": "Articles and their revisions: written by Python, in every release.",
    "ref": "Reference data that the run used, from seeds/ and the folders in TIDINGS_SEEDS; in"
    " every release.",
    "ops": "Releases and schema versions.",
    "raw": "Captures, feed entries and the states of sources; only in the lake.",
}


def read_manifest(work: Path) -> dict[str, Any]:
    """Return dbt's manifest and write its lineage browser to ``target/static_index.html`` in the
    work folder.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - the import takes seconds

    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    project = str(ROOT / "transforms")
    quiet = [
        "--quiet",
        "--no-version-check",
        "--no-send-anonymous-usage-stats",
        "--log-level",
        "none",
    ]
    common = [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(work / "target"),
        "--log-path",
        str(work),
    ]
    for command in (["parse"], ["docs", "generate", "--static", "--empty-catalog", "--no-compile"]):
        outcome = dbtRunner().invoke([*quiet, *command, *common])
        if not outcome.success:
            message = f"dbt {command[0]} failed: {outcome.exception}"
            raise SystemExit(message)
    manifest: dict[str, Any] = json.loads(
        (work / "target" / "manifest.json").read_text(encoding="utf-8")
    )
    return manifest


def write_dictionary(manifest: dict[str, Any]) -> str:
    """Return the data dictionary as Markdown: every table with its columns, its sources and the
    tables that use it.
    """
    nodes = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    } | manifest["sources"]
    tables = {
        _name(node): node for node in nodes.values() if _name(node).partition(".")[0] in SCHEMAS
    }
    parents = {name: _ancestors(node, nodes) for name, node in tables.items()}
    children: dict[str, list[str]] = {}
    for name, sources in parents.items():
        for source in sources:
            children.setdefault(source, []).append(name)
    lines = [INTRODUCTION]
    for schema in SCHEMAS:
        lines += [f"## Schema {schema}", "", DESCRIPTIONS[schema], ""]
        for name in sorted(table for table in tables if table.startswith(f"{schema}.")):
            lines += _describe_table(
                name, tables[name], parents[name], sorted(children.get(name, ()))
            )
    return "\n".join(lines)


def _name(node: dict[str, Any]) -> str:
    return f"{node['schema']}.{node['name']}"


def _ancestors(node: dict[str, Any], nodes: dict[str, Any]) -> list[str]:
    """Return the tables that a model reads directly or through intermediate models."""
    ancestors, waiting, seen = set(), list(node.get("depends_on", {}).get("nodes", ())), set()
    while waiting:
        key = waiting.pop()
        if key in seen or key not in nodes:
            continue
        seen.add(key)
        if _name(nodes[key]).partition(".")[0] in SCHEMAS:
            ancestors.add(_name(nodes[key]))
        else:
            waiting += nodes[key].get("depends_on", {}).get("nodes", ())
    return sorted(ancestors)


def _describe_table(
    name: str, node: dict[str, Any], parents: list[str], children: list[str]
) -> list[str]:
    lines = [f"### {name}", "", _one_line(node.get("description")) or "No description.", ""]
    if parents:
        lines += [f"Built from {', '.join(map(_link, parents))}.", ""]
    if children:
        lines += [f"Used by {', '.join(map(_link, children))}.", ""]
    columns = list(node.get("columns", {}).values())
    if columns:
        lines += ["| column | description |", "|---|---|"]
        lines += [
            f"| `{column['name']}` |"
            f" {_one_line(column.get('description')).replace('|', chr(92) + '|')} |"
            for column in columns
        ]
        lines.append("")
    return lines


def _link(name: str) -> str:
    return f"[{name}](#{name.replace('.', '')})"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("<", "&lt;")


def write_commands() -> str:
    """Return the command reference as Markdown, which Typer generates from the commands."""
    import typer.cli  # noqa: PLC0415 - needed only here
    import typer.main  # noqa: PLC0415

    from tidings.cli import app  # noqa: PLC0415

    group: Any = typer.main.get_command(app)
    # with options; the command line lists names only
    group.get_command = lambda _context, name: group.load(name)
    reference = typer.cli.get_docs_for_click(
        obj=group, ctx=typer.Context(group, info_name="tidings"), name="tidings", title="Commands"
    )
    return f"{reference}\n"


def main(target: Path) -> int:
    """Build the site into a folder and return Sphinx's exit status."""
    from sphinx.cmd.build import build_main  # noqa: PLC0415 - needed only here

    # on the path only after the start of the script
    from benchmarks.lexicon import describe_lexicon  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "docs"
        shutil.copytree(
            ROOT / "docs", source, ignore=shutil.ignore_patterns("__pycache__", "build.py")
        )
        manifest = read_manifest(Path(name) / "dbt")
        (source / "dictionary.md").write_text(write_dictionary(manifest), encoding="utf-8")
        (source / "commands.md").write_text(write_commands(), encoding="utf-8")
        (source / "lexicon_quality.md").write_text(
            describe_lexicon(ROOT / "seeds"), encoding="utf-8"
        )
        status = build_main(
            [
                "-q",
                "-W",
                "--keep-going",
                "-b",
                "html",
                "-d",
                str(Path(name) / "trees"),
                str(source),
                str(target),
            ]
        )
        shutil.copyfile(
            Path(name) / "dbt" / "target" / "static_index.html", target / "lineage.html"
        )
    if not status:
        print(target / "index.html")  # noqa: T201 - a script may print
    return int(status)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs").resolve()))
