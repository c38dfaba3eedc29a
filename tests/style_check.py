"""Report phrases that ``docs/style.md`` lists under "Words to avoid": ``python -m tests.style_check
PATH…``.

A function per file type replaces everything except prose with NUL characters and thus keeps the
line numbers. It replaces comment markers with spaces, because a phrase may continue on the next
line of a comment.
"""

from __future__ import annotations

import ast
import bisect
import io
import itertools
import os
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[1]
ESCAPE = "style: quoted"  # a line with this comment quotes data
# folders with test data or other programs' files
SKIPPED = re.compile(r"build|data|dbt_packages|pages|target|\.\w.*")
DATA = re.compile(  # beginning of an SQL statement or a raw string with a regular expression
    r"[bf]?r[bf]?[\"'](?!\"\")|\W*f?\W*(select|with|from|insert|update|delete|create|alter|copy|merge|attach)\b.*[=(,*]|.*\bselect\b.*\bfrom\b",
    re.DOTALL,
)
VAGUE = re.compile(r"\W*(What|Who|Whose|Whom|Where|How|Whether|That)\b")
Words = list[tuple[re.Pattern[str], str]]


def read_words(page: Path = ROOT / "docs" / "style.md") -> Words:
    """Return a pattern for each phrase in the table "Words to avoid", and the words to use
    instead.
    """
    section = (
        page.read_text(encoding="utf-8").partition("## Words to avoid")[2].partition("\n## ")[0]
    )
    rows = [
        re.split(r"(?<!\\)\|", line)[1:3] for line in section.splitlines() if line.startswith("| `")
    ]
    return [
        (re.compile(rf"(?<!\w){phrase}(?!\w)".replace(r"\|", "|"), re.IGNORECASE), use.strip())
        for avoid, use in rows
        for phrase in re.findall("`([^`]+)`", avoid)
    ]


def find_files(paths: list[Path]) -> list[Path]:
    """Return the files at or below the paths that may contain prose."""
    files = [
        file
        for path in paths
        for file in ([path] if path.is_file() else path.rglob("*"))
        if (file.suffix or file.name) in PROSE and not any(map(SKIPPED.fullmatch, _parts(file)))
    ]
    return sorted(files)


def find_phrases(path: Path, words: Words) -> list[str]:
    """Return one message for each phrase to avoid and for each docstring that begins with a
    question word.
    """
    text = path.read_text(encoding="utf-8")
    prose = PROSE[path.suffix or path.name](text, path)
    pieces = list(re.finditer(r"[^\s\0]+|\0[\s\0]*", prose))
    # one NUL in place of code keeps the search short
    tokens = [piece[0].strip("\0 \t\n") or "\0" for piece in pieces]
    starts = list(itertools.accumulate((len(token) + 1 for token in tokens), initial=0))
    joined = " ".join(tokens)
    hits = [
        (
            prose.count("\n", 0, pieces[bisect.bisect(starts, match.start()) - 1].start()) + 1,
            f'"{match[0]}" → use "{use}"',
        )
        for pattern, use in words
        for match in pattern.finditer(joined)
    ]
    hits += [
        (docstring.lineno, f'docstring begins with "{match[1]}" → begin with a verb or the subject')
        for docstring in (_docstrings(text) if path.suffix == ".py" else ())
        if (match := VAGUE.match(str(docstring.value)))
    ]
    lines = text.splitlines()
    return [
        f"{path}:{line}: {message}"
        for line, message in sorted(set(hits))
        if ESCAPE not in lines[line - 1]
    ]


def _parts(path: Path) -> tuple[str, ...]:
    return Path(os.path.relpath(path, ROOT)).parts


def _blank(text: str, *patterns: str) -> str:
    """Return the text with NUL characters in place of all that matches a pattern, line ends
    excepted.
    """
    for pattern in patterns:
        text = re.sub(
            pattern,
            lambda match: re.sub(r"[^\n]", "\0", match[0]),
            text,
            flags=re.DOTALL | re.MULTILINE,
        )
    return text


def _markdown(text: str, _: Path) -> str:
    return _blank(text, r"^ *```.*?^ *```", r"`[^`\n]+`", r"(?<=\])\([^)\s]+\)", r"<[^<>\n]+>")


def _template(text: str, _: Path) -> str:
    return _blank(text, r"<(script|style)\b.*?</\1>", r"\{\{.*?\}\}", r"\{%.*?%\}", r"<[^<>]+>")


def _comments(text: str, path: Path) -> str:
    marker = {".sql": "--", ".js": "//"}.get(path.suffix, "#")
    prose = list(_blank(text, r"[^\n]+"))
    for match in re.finditer(rf"(^[ \t]*|[ \t])({marker}+)(?=[ \t])(.*)", text, re.MULTILINE):
        prose[match.start() : match.end()] = " " * (match.start(3) - match.start()) + match[3]
    return "".join(prose)


def _yaml(text: str, path: Path) -> str:
    prose = list(_comments(text, path))
    for match in re.finditer(r"^( *)(?:- )?description:(.*(?:\n\1 +.*)*)", text, re.MULTILINE):
        prose[match.start(2) : match.end(2)] = match[2]
    return "".join(prose)


def _python(text: str, path: Path) -> str:
    """Return comments, docstrings and, except in tests, samples and word lists, strings of four
    words that are not data.
    """
    starts = [0, *itertools.accumulate(len(line) for line in text.splitlines(keepends=True))]
    prose = list(_blank(text, r"[^\n]+"))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1]
            begin = start if token.line[: token.start[1]].isspace() else start + token.start[1]
            end = start + token.end[1]
            prose[begin:end] = text[begin:end].replace("#", " ", 1)
    only_docstrings = (
        path.stem.endswith("_words")
        or _parts(path)[0] == "tests"
        or _parts(path)[:2] == ("tidings", "demo")
    )
    for node in _docstrings(text) if only_docstrings else _strings(ast.parse(text)):
        begin, end = (
            starts[row - 1] + len(text[starts[row - 1] : starts[row]].encode()[:column].decode())
            for row, column in (
                (node.lineno, node.col_offset),
                (node.end_lineno or 0, node.end_col_offset or 0),
            )
        )
        literal = _blank(text[begin:end], r"\{[^{}]*\}", r"``[^`]+``", r"`[^`\n]+`")
        if len(re.findall(r"[^\W\d_]{2,}", literal)) >= 4 and not DATA.match(literal.lower()):
            prose[begin:end] = re.sub(
                r"[\"'] *\n *[rf]?[\"']", lambda match: re.sub(r"[^\n]", " ", match[0]), literal
            )
    return "".join(prose)


def _strings(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    ):
        return [node]
    return [string for child in ast.iter_child_nodes(node) for string in _strings(child)]


def _docstrings(text: str) -> list[ast.Constant]:
    expressions = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr)]
    return [
        node
        for node in expressions
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


PROSE = {".md": _markdown, ".html": _template, ".py": _python, ".yml": _yaml, ".yaml": _yaml}
PROSE |= dict.fromkeys((".sql", ".js", ".toml", "Makefile"), _comments)

if __name__ == "__main__":
    found = [
        line
        for file in find_files([Path(name) for name in sys.argv[1:]])
        for line in find_phrases(file, read_words())
    ]
    sys.exit("\n".join(found) or None)
