"""Prepare text that leaves the process: remove secrets and escape characters that control a terminal."""

from __future__ import annotations

import base64
import functools
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HIDDEN = "…"
SHORTEST = 8  # minimum characters of a secret that is found by its value: shorter values are often ordinary words

_USERINFO = re.compile(r"(?<=:/)(/?[^\s/@:'\"]*):[^\s/'\"]*@")  # one slash: pathlib merges the two of a URL
_KEYS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|signature|authorization|auth_string|api[_-]?key|access[_-]?key|key_id"
)
# Pairs as in libpq, DuckDB's CREATE SECRET, query strings and JSON. Bounded parts make the search run in linear time.
_PAIR = re.compile(
    rf"((?:{_KEYS})[\w-]{{0,30}}['\"]?)(\s{{0,3}}[=:]\s{{0,3}}(?:(?:basic|bearer)\s)?|\s{{1,3}}(?='))"
    r"('(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.)*\"?|[^\s&;,'\")]+)",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|CREDENTIAL|AUTH_STRING|API_KEY|^TIDINGS_WEBHOOK$", re.IGNORECASE)
_SWITCH = re.compile(r"true|false|none|null|auto", re.IGNORECASE)  # as in TOKENIZERS_PARALLELISM=false
# C0 and C1 controls, zero-width characters, line separators, direction overrides, lone surrogates, tags. Tabs, line ends and
# the joiners that some scripts need are not included.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|\r(?!\n)"
)


def message(text: str) -> str:
    """Return a text on one line, printable and without secrets, for a log line, a state or a message."""
    return " ".join(printable(redact(text)).split())


def redact(text: str, env: Mapping[str, str] = os.environ) -> str:
    """Return a text without secrets, which are recognised by their form or by their value in the environment.

    By form: passwords in URLs, and values after a name such as ``password=…`` or ``secret '…'``. By value: the values of
    TIDINGS_WEBHOOK and of variables with the name of a secret, and the passwords of URLs in other variables.
    """
    for secret in _secrets(tuple(env.items())):
        text = text.replace(secret, HIDDEN)
    return _PAIR.sub(rf"\1\2{HIDDEN}", _USERINFO.sub(rf"\1:{HIDDEN}@", text))


@functools.lru_cache(maxsize=8)
def _secrets(env: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the environment's secrets in every form that a message may contain, the longest first."""
    secrets = {secret for name, value in env for secret in _forms(name, value) if len(secret) >= SHORTEST}
    return sorted(secrets, key=len, reverse=True)


def _forms(name: str, value: str) -> Iterator[str]:
    if _SECRET_NAME.search(name) and not _SWITCH.fullmatch(value):
        yield from (value, base64.b64encode(value.encode("utf-8", "replace")).decode())
        if "://" in value:
            yield value.partition("://")[2].partition("/")[2]  # a webhook's path, which may appear alone
        elif ":" in value:
            yield value.partition(":")[2]  # the password of user:password
    elif "://" in value and "@" in value:
        password = value.rpartition("@")[0].partition("://")[2].partition(":")[2]
        yield from (password, unquote(password))


def printable(text: str) -> str:
    r"""Return a text with JSON escapes such as ``\u001b`` in place of invisible characters and terminal control characters.

    Tabs and line ends are not escaped. A line of JSON keeps its meaning.
    """
    return _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def markdown(text: str) -> str:
    """Return a text escaped for a cell or a line of Markdown."""
    return re.sub(r"([\\`*_\[\]<>|#!~&])", r"\\\1", message(text))
