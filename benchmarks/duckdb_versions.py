"""Check that DuckDB 1.2 and later, up to the newest, open a release file, read every table and run
every macro.

Each version is installed into a temporary folder, which needs a package index. The exit status is 1
if a version fails.

    FILE                  release file
    --versions 1.2.0 ...  versions to check; "newest" is the last one in the index
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

VERSIONS = ("1.2.0", "1.2.2", "1.3.2", "1.4.4", "1.5.5", "newest")
SAMPLE = """
    create temp table sample as
    select
        's' as series, 'o' || (n % 3) as outlet, date '2099-01-01' + n::integer as batch_on,
        batch_on as adopted_on,
        date_trunc('month', batch_on)::date as month, n as hits, 90 as total, 90.0 as n_all,
        n::double as n_hit,
        'zh' as language, 'about' as prediction, 5 as article_count, 20 as coded_count,
        0.5 as true_share, true as is_hit,
        1.0 as coded_weight, 1.0 as coded_squares, 1.0 as true_weight, 1.0 as true_squares
    from range(60) as days (n)
"""
# other scalars are 3
VALUES = {"deviations": "[1.0, -1.0]", "other": "[1.0, -1.0]", "lag_days": "0", "words": "'the'"}
OPTIONS = {"articles", "baseline_from", "baseline_until", "missing", "unscaled"}  # have defaults


def check(file: str) -> list[str]:
    """Return a line for each table, view or macro of a release file that this process's DuckDB
    cannot read or run.
    """
    con = duckdb.connect(file, read_only=True)
    tables = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() union all"
        " select schema_name || '.' || view_name from duckdb_views() where not internal"
    ).fetchall()
    queries = [f"select * from {table} limit 3" for (table,) in tables]
    con.execute(SAMPLE)
    macros = con.execute(
        "select schema_name || '.' || function_name, function_type, parameters from"
        " duckdb_functions() where not internal"
    ).fetchall()
    for name, kind, parameters in macros:
        other = "3" if kind == "macro" else "'sample'"
        arguments = ", ".join(
            VALUES.get(parameter, other) for parameter in parameters if parameter not in OPTIONS
        )
        queries.append(f"{'select' if kind == 'macro' else 'from'} {name}({arguments})")
    failures = []
    for query in queries:
        try:
            con.execute(query).fetchall()
        except duckdb.Error as error:
            failures.append(f"{query}: {str(error).splitlines()[0]}")
    print(
        f"DuckDB {duckdb.__version__}: {len(tables)} tables and views, {len(macros)} macros,"
        f" {len(failures)} failures",
        flush=True,
    )
    return failures


def main() -> int:
    """Install each version, check the file with it, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    parser.add_argument("--versions", nargs="*", default=VERSIONS)
    options = parser.parse_args()
    if not options.versions:
        failures = check(options.file)
        print("".join(f"  {line}\n" for line in failures), end="")
        return bool(failures)
    status = 0
    for version in options.versions:
        with tempfile.TemporaryDirectory() as folder:
            package = "duckdb" if version == "newest" else f"duckdb=={version}"
            pip = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
            ]
            subprocess.run([*pip, "--target", folder, package], check=True)
            script = [sys.executable, str(Path(__file__).resolve()), options.file, "--versions"]
            status |= subprocess.run(
                script, env=os.environ | {"PYTHONPATH": folder}, check=False
            ).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
