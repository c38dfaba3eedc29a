"""Turn failures into messages, and remove secrets from text that leaves the process."""

from __future__ import annotations

import base64
import errno
import functools
import logging
import os
import re
import shutil
import sqlite3
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

REPAIR = "restore a backup, or run `tidings rebuild`"
_DAMAGED = re.compile(
    r"not a database|malformed|no such table: ducklake_|name ducklake_\w+ does not exist|creating"
    r" a new DuckLake is explicitly"
    r"|Failed to initialize DuckLake"
)
# parts of messages of libpq and psycopg while a connection is lost, or a server stops or starts
LOST = (
    "server closed the connection", "terminating connection", "connection to the server",
    "connection is closed", "connection to the catalog's server was lost", "is the server running",
    "the database system is", "data from server", "data to server",
    # DuckDB's error for the next query, if another thread received the first error
    "current transaction is aborted",
    "was lost, so another run may be writing",  # LockLostError
)  # fmt: skip


def is_connection_lost(error: BaseException | None) -> bool:
    """Return whether an exception, or one that it follows, reports a lost connection to a catalog's
    server: the work can be repeated.
    """
    return any(sign in str(link).lower() for link in _chain(error) for sign in LOST)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it follows, at most twenty: a chain may have a circle."""
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def is_damage(error: BaseException) -> bool:
    """Return whether the message of SQLite or DuckLake means that a catalog is damaged."""
    return bool(_DAMAGED.search(str(error)))


HIDDEN = "…"
# characters of a secret that is found by its value: shorter ones are often ordinary words
MIN_SECRET_LENGTH = 8

# one slash: pathlib merges the two of a URL
_USERINFO = re.compile(r"(?<=:/)(/?[^\s/@:'\"]*):[^\s/'\"]*@")
# Names of secrets, also within longer names such as PGPASSWORD or X-Amz-Security-Token.
_KEYS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|signature|auth_string|(?:api|access|account|private)[_-]?key"
    r"|key_id"
)
# only as whole names, because they are parts of ordinary words
_SHORT_KEYS = r"pass|pw|auth|sig|sas|jwt|sid|cookie"
# a value in quotes, which a JSON text within a string escapes; or up to a space, & or a quote
_QUOTED = r"[bru]{0,2}(?:'(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.)*\"?|\\{1,3}[\"'][^\"'\\]*)"
_BARE = r"(?:[^\s&;,'\")]|[;,)](?=[^\s&;,'\")]))+"
# as in libpq, DuckDB's variables, query strings, JSON and YAML
_ASSIGNED = r"\s{0,3}(?::=|=>|[=:]|%3D)\s{0,3}"
_SCHEME = r"(?:(?:basic|bearer|digest|token|aws4-hmac-sha256)\s{1,3})?"
_CREDENTIALS = r"[^\s,'\"]+(?:(?<==)\"[^\"]*\"?)?(?:,\s{0,3}\w{1,30}=(?:\"[^\"]*\"?|[^\s,'\"]+))*"
_END = r"(?:\\{0,3}['\"])?"
# Bounded parts make the search run in linear time.
_PAIRS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(authorization[\w-]{{0,30}}{_END}(?:{_ASSIGNED}|,\s{{0,3}}(?=[b'\"]))(?=\S){_SCHEME})(?:{_QUOTED}|{_CREDENTIALS})",
        rf"(\bcookie{_END}(?:{_ASSIGNED}|,\s{{0,3}}(?=[b'\"])))(?:{_QUOTED}|[^\s;'\"]+(?:;\s{{0,3}}[^\s;'\"]+)*)",
        rf"((?:{_KEYS})[\w-]{{0,30}}{_END}(?:{_ASSIGNED}|,\s{{0,3}}(?=[b'\"])|\s{{1,3}}(?=')))(?:{_QUOTED}|{_BARE})",
        rf"((?<![\w-])(?:{_SHORT_KEYS}){_END}{_ASSIGNED})(?:{_QUOTED})",
        rf"((?:(?<![\w-])(?:{_SHORT_KEYS})|(?<=[?&])key)(?:=|%3D))(?:{_BARE})",
        r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]*",
    )
]
_SECRET_NAME = re.compile(
    r"PASSW|SECRET|TOKEN|CREDENTIAL|AUTH_STRING|API_KEY|^TIDINGS_WEBHOOK$", re.IGNORECASE
)
# as in TOKENIZERS_PARALLELISM=false
_SWITCH = re.compile(r"true|false|none|null|auto", re.IGNORECASE)
# controls, zero-width characters, line separators, direction overrides, lone surrogates, tags; not
# tabs, line ends and joiners
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|\r(?!\n)"
)


def message(text: str) -> str:
    """Return a text on one line, printable and without secrets."""
    return " ".join(printable(redact(text)).split())


def redact(text: str, env: Mapping[str, str] = os.environ) -> str:
    """Return a text without secrets, recognised by their form (passwords in URLs, values after a
    name such as ``password=…``, private keys) or by their value in the environment.
    """
    for secret in _secrets(tuple(env.items())):
        text = text.replace(secret, HIDDEN)
    text = _USERINFO.sub(rf"\1:{HIDDEN}@", text)
    for pair in _PAIRS:
        text = pair.sub(rf"\1{HIDDEN}", text)
    return text


@functools.lru_cache(maxsize=8)
def _secrets(env: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the secrets of the environment in all their forms, the longest first."""
    secrets = {secret for name, value in env for secret in _forms(name, value)}
    return sorted((one for one in secrets if len(one) >= MIN_SECRET_LENGTH), key=len, reverse=True)


def _forms(name: str, value: str) -> Iterator[str]:
    if _SECRET_NAME.search(name) and not _SWITCH.fullmatch(value):
        yield from (value, base64.b64encode(value.encode("utf-8", "replace")).decode())
        if "://" in value:
            # a webhook's path, which may appear alone
            yield value.partition("://")[2].partition("/")[2]
        elif ":" in value:
            yield value.partition(":")[2]  # the password of user:password
    elif "://" in value and "@" in value:
        password = value.rpartition("@")[0].partition("://")[2].partition(":")[2]
        yield from (password, unquote(password))


def printable(text: str) -> str:
    r"""Return a text with JSON escapes (``\u001b``) for invisible and control characters, except
    tabs and line ends.
    """
    return _UNSEEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return re.sub("(....)", r"\\u\1", match[0].encode("utf-16-be", "surrogatepass").hex())


def markdown(text: str) -> str:
    """Return a text escaped for a cell or a line of Markdown."""
    return re.sub(r"([\\`*_\[\]<>|#!~&])", r"\\\1", message(text))


MIN_FREE = 1_000_000  # bytes
_FREE = "free some space and run the command again."
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# as libraries report these
_FULL_DISK = re.compile(r"No space left on device|disk is full|Disk quota exceeded|File too large")
_QUOTED_PATH = re.compile(r"[\"'](/[^\"'\n]+)[\"']")
PACKAGE = "tidings"  # the package whose own exceptions carry a message for users
# Prefect's exceptions with the message of an ended run
ENDED_RUNS = {"FailedRun", "CrashedRun", "CancelledRun"}
log = logging.getLogger("tidings")


def explain(error: BaseException) -> str | None:
    """Return the message for a failure that a user can fix; None for a programming error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    package, text = type(error).__module__.partition(".")[0], message(str(error))
    if full := _full_disk(error):
        return full
    if package == PACKAGE or type(error).__name__ in ENDED_RUNS:
        return text
    if is_connection_lost(error):
        return f"The connection to the catalog's server was lost. Run the command again. ({text})"
    return _explain_library(error, package, text)


def _explain_library(error: BaseException, package: str, text: str) -> str | None:
    if isinstance(error, MemoryError):
        return "Not enough memory: close programs, or reduce TIDINGS_WORKERS or TIDINGS_THREADS."
    if package in {"httpx", "httpcore"}:
        advice = "Start the server, or unset PREFECT_API_URL."
        return f"The Prefect API does not respond ({text or type(error).__name__}). {advice}"
    if isinstance(error, OSError):
        place = message(str(error.filename)) if error.filename else "A file or folder"
        return f"{place} cannot be used: {error.strerror}." if error.strerror else text
    return _explain_database(error) if package in {"duckdb", "_duckdb", "sqlite3"} else None


def _full_disk(error: BaseException) -> str | None:
    """Return the message for a full disk, anywhere in a chain of exceptions, or None."""
    for link in _chain(error):
        if (isinstance(link, OSError) and link.errno in _FULL) or _FULL_DISK.search(str(link)):
            names = [getattr(link, "filename", None), *_QUOTED_PATH.findall(str(link))]
            named = next(filter(None, names), "")
            place = f" at {message(str(named))}" if named else ""
            return f"The disk is full{place}: {_FREE}"
    # Prefect's server reports only that its database failed
    home = os.environ.get("PREFECT_HOME", "")
    package = type(error).__module__.partition(".")[0]
    is_prefect = package in {"httpx", "httpcore", "prefect", "sqlalchemy"}
    return f"The disk is full at {message(home)}: {_FREE}" if is_prefect and is_full(home) else None


def is_full(folder: str | Path) -> bool:
    """Return whether a folder's disk has too little space for a database to work."""
    try:
        return shutil.disk_usage(folder).free < MIN_FREE
    except OSError:
        return False


def _explain_database(error: BaseException) -> str | None:
    import duckdb  # noqa: PLC0415 - the command line starts without it

    detail = message(str(error).strip().partition("\n")[0]).rstrip(".")
    if is_damage(error):
        return f"The warehouse's catalog is damaged: {REPAIR} ({detail})."
    failures = (duckdb.OperationalError, duckdb.FatalException, duckdb.InterruptException)
    is_failure = isinstance(error, (*failures, sqlite3.Error))
    return f"The warehouse could not be read or written: {detail}." if is_failure else None


def guard_logs() -> None:
    """Apply ``message`` to every log record of this process. Only programming errors, and with
    TIDINGS_DEBUG all failures, keep their traceback.
    """
    make = logging.getLogRecordFactory()
    if getattr(make, "is_guarded", False):
        return

    def make_guarded(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.msg, record.args = message(record.getMessage()), ()
        if record.exc_info and record.exc_info[1]:
            if explain(record.exc_info[1]) is not None and not os.environ.get("TIDINGS_DEBUG"):
                record.exc_info = None
            else:
                trace = "".join(traceback.format_exception(*record.exc_info)).rstrip()
                record.exc_text = printable(redact(trace))
        return record

    make_guarded.is_guarded = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_guarded)


def scrub(error: Exception) -> Exception:
    """Return an exception whose text contains no secret."""
    error.args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in error.args)
    text = redact(str(error))
    return error if text == str(error) else RuntimeError(f"{type(error).__name__}: {text}")


def describe(error: BaseException) -> str:
    """Return the message for any failure; of a programming error it names a file with the
    traceback, which precedes every message with TIDINGS_DEBUG.
    """
    sentence = explain(error)
    trace = printable(redact("".join(traceback.format_exception(error))))
    if os.environ.get("TIDINGS_DEBUG"):
        return f"{trace}{sentence or f'Unexpected {type(error).__name__}.'}"
    if sentence is not None:
        return sentence
    summary = f"Unexpected {type(error).__name__}: {message(str(error))[:300].rstrip('.')}."
    try:
        handle, name = tempfile.mkstemp(prefix="tidings-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(trace)
    except OSError:
        return f"{summary} Please report it.\n{trace}"
    request = f"please report it with {name}, which contains the traceback"
    return f"{summary} This is a bug in Tidings: {request}."
