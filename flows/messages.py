"""Text that leaves the process: without secrets, and without characters that a terminal obeys."""

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
SHORTEST = 8  # characters of a secret that is looked for by its value: a shorter one is often a word of ordinary sentences

_USERINFO = re.compile(r"(?<=:/)(/?[^\s/@:'\"]*):[^\s/'\"]*@")  # one slash: pathlib writes a URL so
_KEYS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|signature|authorization|auth_string|api[_-]?key|access[_-]?key|key_id"
)
# As libpq, DuckDB's CREATE SECRET, query strings and JSON write it. Every part is bounded or ends at one character: linear time.
_PAIR = re.compile(
    rf"((?:{_KEYS})[\w-]{{0,30}}['\"]?)(\s{{0,3}}[=:]\s{{0,3}}(?:(?:basic|bearer)\s)?|\s{{1,3}}(?='))"
    r"('(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.)*\"?|[^\s&;,'\")]+)",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|CREDENTIAL|AUTH_STRING|API_KEY|^TIDINGS_WEBHOOK$", re.IGNORECASE)
_SWITCH = re.compile(r"true|false|none|null|auto", re.IGNORECASE)  # as in TOKENIZERS_PARALLELISM=false
# C0 and C1 controls, marks without width, line separators, overrides of direction, halves of surrogate pairs, tags. Tabs and
# line ends stay, and so do the joiners that some scripts need.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|\r(?!\n)"
)


def message(text: str) -> str:
    """Return a text on one line, without secrets and printable: what a log line, a state or a sentence of ours may be."""
    return " ".join(printable(redact(text)).split())


def redact(text: str, env: Mapping[str, str] = os.environ) -> str:
    """Return a text without the secrets that its form or the environment shows to be some.

    Found by form: passwords in URLs, and pairs of a telling name and a value, as in ``password=…`` or ``secret '…'``. Found by
    value: what TIDINGS_WEBHOOK and variables named like secrets hold, and the passwords of the URLs in other variables.
    """
    for secret in _secrets(tuple(env.items())):
        text = text.replace(secret, HIDDEN)
    return _PAIR.sub(rf"\1\2{HIDDEN}", _USERINFO.sub(rf"\1:{HIDDEN}@", text))


@functools.lru_cache(maxsize=8)
def _secrets(env: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the secrets of the environment, in each form in which a message may hold them, the longest first."""
    found = {secret for name, value in env for secret in _forms(name, value) if len(secret) >= SHORTEST}
    return sorted(found, key=len, reverse=True)


def _forms(name: str, value: str) -> Iterator[str]:
    if _SECRET_NAME.search(name) and not _SWITCH.fullmatch(value):
        yield from (value, base64.b64encode(value.encode("utf-8", "replace")).decode())
        if "://" in value:
            yield value.partition("://")[2].partition("/")[2]  # of a webhook: its path may stand alone
        elif ":" in value:
            yield value.partition(":")[2]  # of user and password
    elif "://" in value and "@" in value:
        password = value.rpartition("@")[0].partition("://")[2].partition(":")[2]
        yield from (password, unquote(password))


def printable(text: str) -> str:
    r"""Return a text in which what is not seen, or would steer a terminal, stands as JSON escapes it: ``\u001b``.

    Tabs and line ends stay. A line of JSON keeps its meaning.
    """
    return _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def markdown(text: str) -> str:
    """Return a text as a cell or a line of Markdown that holds no mark-up."""
    return re.sub(r"([\\`*_\[\]<>|#!~&])", r"\\\1", message(text))
