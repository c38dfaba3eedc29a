"""The index of words finds the same articles as the matcher."""

import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.analysis.explore.conftest import write_release
from tidings.analysis.explore import word_index
from tidings.analysis.explore.word_index import (
    TypedArticles,
    attach_index,
    index_path,
    renew_index,
    update_index,
)
from tidings.annotation.udf import register_word_hits
from tidings.annotation.word_query import WordQueryError, parse_words

LANGUAGES = ("en", "de", "zh-Hans", "zh", "fr", "pt", None)
PARTS = (
    *"rail Rail rails labour labor co-operation straße strasse 5G ai AI U.S. the of".split(),
    *"网络 网 络 发展 高质量发展 经济 人工智能+ ＡＩ é e\u0301 ﬁn ½ 한국 \u200b 𠀀".split(),
    *(" ", "  ", "-", ", ", "\n\n", "。", "、", "’s"),
)

QUERIES = (
    "({} OR {}) AND ({})",
    "({}) NEAR/2 (x OR {})",
    "({}) AND ({} OR {}) NOT rail",
    "(of NOT ({})) AND ({} OR ({}) NEAR/9 网)",
)


@pytest.fixture(autouse=True)
def always_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index, "FEW_ARTICLES", 0)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Return a function of typed words: articles by index (None without one), and by matcher."""
    hits = "len(word_hits(title, body_text, language, $words))"
    matching = f"select article_id from core.articles where {hits} > 0"
    with duckdb.connect(path, read_only=True) as con:
        register_word_hits(con)
        con.execute("set search_path = 'core'")
        index = TypedArticles(attach_index(con, path))

        def read(words: str) -> Any:
            if index.languages is None:
                return None
            expected = {row[0] for row in con.execute(matching, {"words": words}).fetchall()}
            con.register("numbers", index.read(con, words))
            found = con.execute(index.select("numbers")).fetchall()
            return {row[0] for row in found}, expected

        yield read


def articles(rows: Iterable[tuple[str, str, str | None]]) -> list[Any]:
    return [(str(uuid.UUID(int=number)), *row) for number, row in enumerate(rows)]


def is_query(words: str) -> bool:
    try:
        return bool(parse_words(words))
    except WordQueryError:
        return False


@pytest.mark.slow
def test_index_equals_matcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For any words and texts, in any language or none, both find the same articles."""
    monkeypatch.setattr(word_index, "BATCH", 100)
    chance = random.Random(20)

    def join(most: int) -> str:
        return "".join(chance.choices(PARTS, k=chance.randint(1, most)))

    rows = articles([(join(4), join(9), chance.choice(LANGUAGES)) for _ in range(600)])
    path = write_release(tmp_path / "tidings.duckdb", rows)
    assert update_index(path)
    answered = found = 0
    with opened(path) as read:
        for _ in range(80):
            words = join(4)
            if chance.random() < 0.5:
                words = chance.choice(QUERIES).format(*(join(2) for _ in range(3)))
            if is_query(words) and (result := read(words)) is not None:
                assert result[0] == result[1], words
                answered, found = answered + 1, found + len(result[1])
    assert answered > 40
    assert found > 75


def test_function_words_need_no_texts(tmp_path: Path) -> None:
    """Words around function words, and these alone, are found without reading a text."""
    rows = [("", f"the rule {word} law", "en") for word in ("of", "of", "by", "of the")]
    path = write_release(tmp_path / "tidings.duckdb", articles(rows))
    assert update_index(path)
    with opened(path) as read:
        assert read("of the") == ({uuid.UUID(int=3)},) * 2
        assert read("rule of law") == ({uuid.UUID(int=0), uuid.UUID(int=1)},) * 2
    with duckdb.connect(path, read_only=True) as con:
        index = TypedArticles(attach_index(con, path))
        assert index.languages
        for words in ("of the", "rule of law", "rule AND (law OR act) NOT by"):
            exact, possible = index.query(con, parse_words(words))
            assert set(possible) == set(exact)


@pytest.mark.parametrize("batch", [20_000, 7])
def test_a_release_updates_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """A release adds, replaces and removes its changes; after many, the index is written anew."""
    monkeypatch.setattr(word_index, "BATCH", batch)
    rows = articles([("", f"word{number} rail", "en") for number in range(20)])
    path = write_release(tmp_path / "tidings.duckdb", rows)
    assert update_index(path)
    for changed, release_id in ((1, "r2"), (15, "r3")):
        rows = [
            (key, title, body.replace("rail", "road") if at < changed else body, language)
            for at, (key, title, body, language) in enumerate(rows)
        ]
        write_release(path, [*rows[1:], (str(uuid.uuid4()), "rail", "", "en")], release_id)
        with opened(path) as read:
            assert read("rail") is None  # the index is of the release before
        assert update_index(path)
        with opened(path) as read:
            for words in ("rail", "road", "word*", "word0", "word1", "word19"):
                assert read(words)[0] == read(words)[1]
    with duckdb.connect(index_path(path), read_only=True) as con:
        outdated = con.execute("select count(*) from places anti join articles using (article_no)")
        assert (outdated.fetchone() == (0,)) == (batch == 7)  # 2 and 18 changed articles
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_no_word_of_a_removed_page_remains(tmp_path: Path) -> None:
    """An index written again has no word of a page that is no longer in the release."""
    rows = articles([("", "rail", "en"), ("", "secretword", "en")])
    path = write_release(tmp_path / "tidings.duckdb", rows)
    renew_index(path)
    assert not index_path(path).exists()
    assert update_index(path)
    assert b"secretword" in index_path(path).read_bytes()
    write_release(path, articles([("", "rail", "en")]), "r2")
    renew_index(path)
    assert b"secretword" not in index_path(path).read_bytes()
    with opened(path) as read:
        assert len(read("rail")[0]) == 1


def test_a_small_release_needs_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release with few articles gets no index; a damaged index is written again, not used."""
    path = write_release(tmp_path / "tidings.duckdb", articles([("rail", "", "en")]))
    monkeypatch.setattr(word_index, "FEW_ARTICLES", 2)
    assert not update_index(path)
    assert not index_path(path).exists()
    monkeypatch.setattr(word_index, "FEW_ARTICLES", 0)
    index_path(path).write_bytes(b"damaged")
    with opened(path) as read:
        assert read("rail") is None
    assert update_index(path)
    with opened(path) as read:
        assert len(read("rail")[0]) == 1
