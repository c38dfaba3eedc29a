"""Texts that take long are named while a function still reads them."""

import contextvars
import threading

from tidings.transforms.text.slow_texts import reading, report_slow_texts


def test_a_slow_text_is_named_once_while_it_is_read():
    """The line names the function, the text's beginning and its length, in the caller's context; later texts are not told."""
    run = contextvars.ContextVar("run")
    run.set("the caller's run")
    lines, told = [], threading.Event()

    def log(line):
        lines.append((run.get(), line))
        told.set()

    with report_slow_texts(log, seconds=0.001):
        with reading("speaker_statements", "Ice\x1b[31m and\nboats " * 5_000):
            assert told.wait(60)
        told.clear()
        assert not told.wait(0.05)
    line = f"speaker_statements: has read one text for over 0.001 s, 95,000 characters, “{'Ice [31m and boats ' * 4}Ice…”"
    assert lines == [("the caller's run", line)]
