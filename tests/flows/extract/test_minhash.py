"""Signatures of texts."""

from __future__ import annotations

import hashlib
import random
import tracemalloc

from tidings.flows.extract.minhash import SIZE, resemblance, sign

WORDS = [f"word{i}" for i in range(3000)]


def test_a_signature_estimates_the_overlap():
    """Texts that share nine sentences of ten resemble each other, texts on other matters do not."""
    random_ = random.Random(7)  # planted
    sentences = [" ".join(random_.choices(WORDS, k=15)) for _ in range(40)]
    rewritten = [*sentences[:36], *(" ".join(random_.choices(WORDS, k=15)) for _ in range(4))]
    other = [" ".join(random_.choices(WORDS, k=15)) for _ in range(40)]
    assert resemblance(sign(". ".join(sentences)), sign(". ".join(rewritten))) > 0.65
    assert resemblance(sign(". ".join(sentences)), sign(". ".join(other))) < 0.1


def test_a_signature_is_the_same_for_ever():
    """Signatures are stored: a change of these numbers would part every old article from every new one."""
    numbers = sign("the quick brown fox jumps over the lazy dog and runs into the dark wood")
    assert len(numbers) == SIZE
    assert numbers[:3] == [183111516, 181357896, 126835393]
    assert sign("too short to tell") == []
    assert resemblance([], numbers) is None


def test_a_long_text_is_signed_in_bounded_memory():
    """Ten times the text takes 10 MB more and not 1 kB for each character; the numbers are those of a text hashed at once."""
    random_ = random.Random(11)  # planted
    text = "".join(random_.choices([chr(code) for code in range(0x4E00, 0x5E00)], k=200_000))
    peaks = []
    for length in (20_000, 200_000):
        tracemalloc.start()
        numbers = sign(text[:length])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 10_000_000
    assert hashlib.sha256(repr(numbers).encode()).hexdigest()[:16] == "d3af29c9067b87ea"
