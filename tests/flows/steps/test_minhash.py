"""Signatures of texts."""

from __future__ import annotations

import random

from flows.steps.minhash import SIZE, resemblance, sign

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
