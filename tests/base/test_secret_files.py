"""Secrets are read from the files that variables with _FILE name."""

from pathlib import Path

import pytest

from tests.cases import cases
from tidings.base.settings import SECRETS, SettingsError, read_secret_files


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_the_text_of_its_file(tmp_path: Path, name: str) -> None:
    """The variable has the text without the line end; a second reading changes nothing."""
    file = tmp_path / "secret"
    file.write_text("correct horse\n")
    env = {f"{name}_FILE": str(file)}
    for _ in range(2):
        read_secret_files(env)
        assert env[name] == "correct horse"


@cases(
    "content, given, problem",
    (None, "", "cannot be read: No such file or directory"),
    (b"", "", "contains no secret"),
    (b"x" * 70_000, "", "contains no secret"),
    (b"\xff", "", "is not UTF-8 text"),
    (b"a\x00b", "", "contains no secret"),
    (b"one", "two", "are both set: remove one of them"),
)
def test_an_invalid_file_is_one_sentence(
    tmp_path: Path, content: bytes | None, given: str, problem: str
) -> None:
    """The message names the variable, and not the secret."""
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    env = {"PGPASSWORD_FILE": str(file), "PGPASSWORD": given}
    with pytest.raises(SettingsError, match=f"PGPASSWORD.*{problem}"):
        read_secret_files(env)
