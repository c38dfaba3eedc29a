"""What a worker process does: feeds in on standard input, what they say out on standard output, until the input ends."""

from __future__ import annotations

import contextlib
import gc
import math
import pickle
import resource
import struct
import sys
from typing import BinaryIO

from tidings.flows.fetch.feed.parsed import Unreadable
from tidings.flows.fetch.feed.source import read_source

_MAX_MEMORY = 2 * 1024**3


def serve(seconds: float) -> None:
    """Answer requests, each a length of four bytes and a pickle, in the same way; ``seconds`` of CPU are what one may take."""
    with contextlib.suppress(ValueError, OSError):  # some systems allow no limit
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not be taken for an answer
    gc.freeze()
    _send(answers, b"ready")
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        body = requests.read(struct.unpack("<I", head)[0])
        _allow(seconds)
        _answer(pickle.loads(body), answers)  # noqa: S301 — written by the parent process


def _allow(seconds: float) -> None:
    """Let the system end this process with SIGXCPU when it takes that much more CPU: a parser deep in C hears of nothing else."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds), hard))


def _answer(request: tuple[object, ...], answers: BinaryIO) -> None:
    try:
        found: object = read_source(*request)  # type: ignore[arg-type]
    except (RecursionError, MemoryError) as error:
        found = Unreadable(f"Reading it needed more than a reader has: {type(error).__name__}.")
    except Exception as error:  # noqa: BLE001 — a parser's bug on one feed must not cost the next; its name is told
        found = Unreadable(f"The parser failed on it: {type(error).__name__}: {error}"[:300])
    _send(answers, pickle.dumps(found, protocol=5))


def _send(answers: BinaryIO, data: bytes) -> None:
    answers.write(struct.pack("<I", len(data)))
    answers.write(data)
    answers.flush()
