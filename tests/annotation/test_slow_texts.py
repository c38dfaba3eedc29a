"""Slow texts are logged while a function still reads them."""

import contextvars
import threading

from tidings.annotation.slow_texts import reading, report_slow_texts


def test_a_slow_text_is_logged_once_while_it_is_read() -> None:
    """The line contains the function, the beginning of the text and its length; fast texts are not
    logged.

    The line is logged in the caller's context.
    """
    run: contextvars.ContextVar[str] = contextvars.ContextVar("run")
    run.set("the caller's run")
    lines: list[tuple[str, str]] = []
    logged = threading.Event()

    def log(line: str) -> None:
        lines.append((run.get(), line))
        logged.set()

    with report_slow_texts(log, seconds=0.001):
        with reading("speaker_statements", "Ice\x1b[31m and\nboats " * 5_000):
            assert logged.wait(60)
        logged.clear()
        assert not logged.wait(0.05)
    line = (
        f"speaker_statements: still processing a text after 0.001 s, 95,000 characters,"
        f" “{'Ice [31m and boats ' * 4}Ice…”"
    )
    assert lines == [("the caller's run", line)]
