"""The terminal: everything that a command prints passes here, so that no text of strangers steers it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.segment import Segment

from flows.messages import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


class Screen(Console):
    """A rich console that escapes what strangers' text holds; the codes of its own colours pass."""

    def render(self, *args: Any, **kwargs: Any) -> Iterable[Segment]:
        """Yield the segments of a renderable with printable text."""
        for segment in super().render(*args, **kwargs):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


class PrintableStream:
    """A text stream that writes printable text to another. Rich, which has Screen, writes past it."""

    def __init__(self, stream: Any) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write a text and return its length."""
        self.rich_proxied_file.write(printable(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def guard_output() -> None:
    """Make standard output and standard error of this process printable; what cannot be encoded is escaped, too."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if not isinstance(stream, PrintableStream):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, PrintableStream(stream))
