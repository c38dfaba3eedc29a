"""MinHash signatures of texts."""

import hashlib
import random
import tracemalloc

from tidings.extraction.measures import SIZE, minhash

WORDS = [f"word{i}" for i in range(3000)]


def test_a_signature_estimates_the_overlap() -> None:
    """Texts that share nine of ten sentences have a high resemblance, unrelated texts a low one."""
    random_ = random.Random(7)  # planted
    sentences = [" ".join(random_.choices(WORDS, k=15)) for _ in range(40)]
    rewritten = [*sentences[:36], *(" ".join(random_.choices(WORDS, k=15)) for _ in range(4))]
    other = [" ".join(random_.choices(WORDS, k=15)) for _ in range(40)]
    first, second, third = (minhash(". ".join(text)) for text in (sentences, rewritten, other))
    equal, unequal = (sum(map(int.__eq__, first, text)) / SIZE for text in (second, third))
    assert equal > 0.65
    assert unequal < 0.1


def test_a_signature_never_changes() -> None:
    """Signatures are stored, so a change would make all old articles dissimilar to new ones."""
    numbers = minhash("the quick brown fox jumps over the lazy dog and runs into the dark wood")
    assert len(numbers) == SIZE
    assert numbers[:3] == [183111516, 181357896, 126835393]
    assert minhash("too short to tell") == []


def test_a_long_text_needs_bounded_memory() -> None:
    """Ten times the text needs less than 10 MB more, and has the signature of one step."""
    random_ = random.Random(11)  # planted
    text = "".join(random_.choices([chr(code) for code in range(0x4E00, 0x5E00)], k=200_000))
    peaks = []
    for length in (20_000, 200_000):
        tracemalloc.start()
        numbers = minhash(text[:length])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 10_000_000
    assert hashlib.sha256(repr(numbers).encode()).hexdigest()[:16] == "d3af29c9067b87ea"
