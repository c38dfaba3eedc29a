"""Turn failures into messages, and prepare text that leaves the process."""

from __future__ import annotations

import base64
import errno
import functools
import inspect
import logging
import os
import re
import tempfile
import traceback
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import unquote

from tidings.warehouse.remote_lake import is_connection_lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def markdown(text: str) -> str:
    """Return a text escaped for a cell or a line of Markdown."""
    return re.sub(r"([\\`*_\[\]<>|#!~&])", r"\\\1", message(text))


P = ParamSpec("P")
R = TypeVar("R")

PACKAGE = "tidings"  # the package whose own exceptions carry a message for users
ENDED_RUNS = {"FailedRun", "CrashedRun", "CancelledRun"}  # Prefect's exceptions with the message of an ended run
CANCELLED = "This run was cancelled. The next run completes its work."
log = logging.getLogger("tidings")


def explain(error: BaseException) -> str | None:
    """Return the message for a failure that a user can fix, or None for a programming error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    package, text = type(error).__module__.partition(".")[0], message(str(error))
    if package == PACKAGE or type(error).__name__ in ENDED_RUNS:
        return text
    if is_connection_lost(error):
        return f"The connection to the catalog's server was lost. Run the command again. ({text})"
    if isinstance(error, MemoryError):
        return "Not enough memory: close other programs, or reduce TIDINGS_WORKERS or TIDINGS_THREADS."
    if package in {"httpx", "httpcore"}:
        return f"The Prefect API does not respond ({text or type(error).__name__}). Start the server, or unset PREFECT_API_URL."
    if isinstance(error, OSError):
        return _explain_os(error)
    return _explain_duckdb(error) if package in {"duckdb", "_duckdb"} else None


def _explain_os(error: OSError) -> str:
    place = message(str(error.filename)) if error.filename else "A file or folder"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{f' at {place}' if error.filename else ''}: free some space and run the command again."
    return f"{place} cannot be used: {error.strerror}." if error.strerror else message(str(error))


def _explain_duckdb(error: BaseException) -> str | None:
    import duckdb  # noqa: PLC0415 - already loaded when it raises an error

    if not isinstance(error, duckdb.OperationalError | duckdb.FatalException | duckdb.InterruptException):
        return None
    return f"The warehouse could not be read or written: {message(str(error).strip().partition(chr(10))[0])}"


def guard_logs() -> None:
    """Apply ``message`` to every log record of this process, whichever library writes the record.

    A record keeps the traceback of a programming error, and with TIDINGS_DEBUG the traceback of every failure. Otherwise a
    failure that ``explain`` knows has no traceback, because the record contains its message.
    """
    if getattr(logging.getLogRecordFactory(), "is_guarded", False):
        return
    make = logging.getLogRecordFactory()

    def make_guarded(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.msg, record.args = message(record.getMessage()), ()
        if record.exc_info and record.exc_info[1]:
            if explain(record.exc_info[1]) is not None and not os.environ.get("TIDINGS_DEBUG"):
                record.exc_info = None
            else:
                record.exc_text = printable(redact("".join(traceback.format_exception(*record.exc_info)).rstrip()))
        return record

    make_guarded.is_guarded = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_guarded)


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Return a flow's function that returns a failed state with the message of ``explain`` and raises all other exceptions.

    If another run has the lock, or if the run was cancelled, the state is Cancelled: this is not a failure and sends no
    notification. Prefect runs the flow again, as its ``retries`` allow, only if the connection to the catalog was lost.
    """
    from prefect.states import Cancelled, Failed  # noqa: PLC0415 - the command line starts without Prefect

    from tidings.warehouse.writer_lock import LockedError  # noqa: PLC0415 - as above

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        guard_logs()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                log.info(CANCELLED)
                return Cancelled(message=CANCELLED)  # type: ignore[return-value]
            if not isinstance(error, Exception):
                raise
            sentence = explain(error)
            if is_connection_lost(error):
                log.info("the connection to the catalog was lost; the run starts again in 20 seconds, at most three times")
            else:
                _end_retries()
            if sentence is None:
                raise scrub(error) from None
            ended: Any = Cancelled if isinstance(error, LockedError) else Failed
            return ended(message=sentence)  # type: ignore[no-any-return]

    # Prefect builds the form from the signature, and would resolve the names in its annotations in this module.
    run.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    run.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return run


def _end_retries() -> None:
    """Disable the retries of the current flow run, because the same failure would occur again."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - the command line starts without Prefect
    from prefect.client.schemas.objects import FlowRunPolicy  # noqa: PLC0415 - as above
    from prefect.runtime import flow_run  # noqa: PLC0415 - as above

    if flow_run.id is None:
        return
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, empirical_policy=FlowRunPolicy(retries=0, retry_delay=0))


def is_cancelled() -> bool:
    """Return whether a user has cancelled this process's run, or its server is stopping.

    Prefect then sends SIGTERM. Its handler raises an exception, which libraries may replace, such as DuckDB in a query.
    """
    from prefect._internal.control_listener import get_intent  # noqa: PLC0415 - the command line starts without Prefect

    return get_intent() == "cancel"


def scrubbed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a task's function whose exceptions, which Prefect stores and shows, contain no secrets.

    If the run was cancelled, the function returns a cancelled state, because Prefect logs each exception as an error.
    """
    from prefect.states import Cancelled  # noqa: PLC0415 - the command line starts without Prefect

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                logging.getLogger("prefect.task_runs").setLevel(logging.CRITICAL)  # Prefect logs this state as an error
                return Cancelled(message=CANCELLED)  # type: ignore[return-value]
            if isinstance(error, Exception):
                raise scrub(error) from None
            raise

    return run


def scrub(error: Exception) -> Exception:
    """Return an exception whose text contains no secret."""
    error.args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in error.args)
    return error if redact(str(error)) == str(error) else RuntimeError(f"{type(error).__name__}: {redact(str(error))}")


def describe(error: BaseException) -> str:
    """Return the message for any failure; for a programming error it names the file with the traceback.

    With TIDINGS_DEBUG set, the traceback precedes the message of every failure.
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
        return f"{trace}{summary} Please report it."
    return f"{summary} This is a bug in Tidings: please report it with {name}, which contains the traceback."
