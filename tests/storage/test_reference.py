"""Reference data from CSV."""

from pathlib import Path
from typing import Any

import pytest

from tidings.base.languages import CODES
from tidings.paths import SEEDS
from tidings.storage.lake import WarehouseError
from tidings.storage.reference import lexicon_version, load_reference, read_csv, read_seed

HEADER = (
    "theme_id,parent_id,label_en,label_zh,label_de,cap_code,kind,definition,valid_from,"
    "valid_to,source\n"
)


def themes(folder: Path, *rows: Any) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "themes.csv").write_text(
        HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8"
    )
    return folder


def test_unchanged_reference_data_is_not_written(con: Any, tmp_path: Path) -> None:
    """Loading unchanged files writes nothing."""
    folder = themes(tmp_path / "own", "trade,,Trade,贸易,Handel,18,theme,,2001-01-01,,")
    assert load_reference(con, [folder]) == ["themes"]
    assert load_reference(con, [folder]) == []
    assert con.execute(
        "select label_zh, parent_id, valid_from::varchar from ref.themes"
    ).fetchall() == [("贸易", None, "2001-01-01")]


def test_the_mark_masks_no_change(con: Any, tmp_path: Path) -> None:
    """With a mark, unchanged data is not parsed; changes of file, row or folders are found."""
    row, other, mark = (
        "a,,A,,,1,theme,,,,",
        "a,,B,,,1,theme,,,,",
        tmp_path / "work" / "reference.state",
    )
    folder = themes(tmp_path / "s", row)

    def load(*folders: Path) -> Any:
        return load_reference(con, [folder, *folders], mark), con.execute(
            "select theme_id, label_en from ref.themes"
        ).fetchall()

    assert load() == (["themes"], [("a", "A")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tidings.storage.reference.read_csv", None)
        assert load() == ([], [("a", "A")])  # without reading a CSV file
    for change in (
        "update ref.themes set label_en = 'C'",
        "delete from ref.themes",
        "insert into ref.themes from ref.themes",
    ):
        con.execute(change)
        assert load() == (["themes"], [("a", "A")]), change
    themes(tmp_path / "s", other)
    assert load() == (["themes"], [("a", "B")])
    assert load(themes(tmp_path / "more", row)) == (["themes"], [("a", "A")])


def test_a_later_folder_adds_and_replaces(con: Any, tmp_path: Path) -> None:
    """A second folder adds new keys and replaces rows with the same key."""
    own = themes(tmp_path / "own", "a,,A,,,1,theme,,,,", "b,,B,,,1,theme,,,,")
    more = themes(tmp_path / "more", "b,,Better,,,1,theme,,,,", "c,,C,,,1,theme,,,,")
    load_reference(con, [own, more])
    assert con.execute("select theme_id, label_en from ref.themes order by 1").fetchall() == [
        ("a", "A"),
        ("b", "Better"),
        ("c", "C"),
    ]


def test_seeds_are_read_with_their_keys_and_columns(tmp_path: Path) -> None:
    """A second row with the key of another one is refused, an equal one is harmless, and a missing
    column is named. Only codings in a folder of the user are read.
    """
    folder = themes(tmp_path / "own", *["a,,A,,,1,theme,,,,"] * 2)
    assert [row["label_en"] for row in read_seed("themes", [folder])] == ["A"]
    themes(folder, "a,,A,,,1,theme,,,,", "a,,B,,,1,theme,,,,")
    with pytest.raises(
        WarehouseError, match=r"themes\.csv: two different rows have the theme_id a"
    ):
        read_seed("themes", [folder])
    (tmp_path / "theme_phrases.csv").write_text(
        "phrase_id,theme_id,language,phrase,role\na,b,en,c,include\n"
    )
    with pytest.raises(WarehouseError, match=r"theme_phrases\.csv: the column match_type is miss"):
        read_seed("theme_phrases", [tmp_path])
    assert read_csv(SEEDS / "codings.csv")
    assert read_seed("codings", [SEEDS]) == []
    (tmp_path / "codings.csv").write_text("coder,text_hash,theme_id\nAnna,0f,water\n")
    rows = read_seed("codings", [SEEDS, tmp_path])
    assert [row["coder"] for row in rows] == ["Anna"]


def test_the_lexicon_version_changes_with_any_cell_and_with_nothing_else(
    con: Any, tmp_path: Path
) -> None:
    """The version is a hash of all rows, independent of their order."""
    load_reference(con, [themes(tmp_path / "s", "a,,A,,,1,theme,,,,", "b,,B,,,1,theme,,,,")])
    first = lexicon_version(con)
    load_reference(con, [themes(tmp_path / "s", "b,,B,,,1,theme,,,,", "a,,A,,,1,theme,,,,")])
    assert lexicon_version(con) == first
    load_reference(con, [themes(tmp_path / "s", "b,,B,,,1,theme,,,,", "a,,A,,,2,theme,,,,")])
    assert lexicon_version(con) != first


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"theme_id,kind\na,b,c\n", "line 2: the number of cells differs"),
        (b"kind\na\n", "themes.csv: the column theme_id is missing"),
        (b"label\na\n", "themes.csv: the columns kind, theme_id are missing"),
        (b"theme_id,kind\na,b\n\xff\xfe\n", "themes.csv, line 3: the text is not in UTF-8"),
        (b"theme_id,kind\n" + b"a" * 200_000 + b",b\n", "is not a CSV file: field larger than"),
        (
            b"theme_id,kind\na\x00b,c\n",
            (
                r"themes.csv, line 2: theme_id contains the control"
                r" character U\+0000: delete it."
            ),
        ),
        (
            b"theme_id,kind,note\na,b,c\x1b[31m\n",
            (
                r"line 2: note contains the control character"
                r" U\+001B"
            ),
        ),
        (b'theme_id,kind\n"a\nb",c\n', r"line 3: theme_id contains the control character U\+000A"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, content: Any, sentence: str) -> None:
    """Invalid cells, columns and encodings are reported with the file."""
    path = tmp_path / "themes.csv"
    path.write_bytes(content)
    with pytest.raises(WarehouseError, match=sentence):
        read_csv(path, ["theme_id", "kind"])


def test_a_cell_that_does_not_fit_is_named(con: Any, tmp_path: Path) -> None:
    """An invalid date is reported with the file and changes nothing."""
    with pytest.raises(WarehouseError, match=r"themes\.csv: .*soon"):
        load_reference(con, [themes(tmp_path / "s", "a,,A,,,1,theme,,soon,,")])
    assert con.execute("select count(*) from ref.themes").fetchone() == (0,)


def test_a_language_without_a_folder_is_rejected(con: Any, tmp_path: Path) -> None:
    """A verb in an unknown language stops the load with file and language; the table stays."""
    header = "language,form,lemma,pattern\n"
    (tmp_path / "speech_verbs.csv").write_text(
        f"{header}en,said,say,clause\nxx,dijo,decir,clause\n", encoding="utf-8"
    )
    with pytest.raises(
        WarehouseError,
        match=rf"^speech_verbs\.csv, xx dijo clause: Unknown language 'xx'\. Use"
        rf" one of {', '.join(CODES)}",
    ):
        load_reference(con, [tmp_path])
    assert con.execute("select count(*) from ref.speech_verbs").fetchone() == (0,)
