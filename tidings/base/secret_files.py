"""Read secrets from files, as container systems mount them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.base.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

NAMES = (
    "TIDINGS_WAREHOUSE", "TIDINGS_WEBHOOK", "PGPASSWORD", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY",
    "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_SERVER_DATABASE_CONNECTION_URL",
)  # fmt: skip
MAX_BYTES = 65_536


def read_secret_files(env: MutableMapping[str, str] = os.environ) -> None:
    """Set each variable in NAMES whose name with ``_FILE`` is the path of a file to the text of the
    file. Raises SettingsError if both variables are set, or the file is unreadable, empty or too
    large.
    """
    for name in NAMES:
        if path := env.get(f"{name}_FILE"):
            text = _read(name, path)
            if (env.get(name) or text) != text:
                raise SettingsError(f"{name} and {name}_FILE are both set: remove one of them.")
            env[name] = text


def _read(name: str, path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode().strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}_FILE: {path} is not UTF-8 text.") from error
    if not text or len(text) > MAX_BYTES or "\x00" in text:
        raise SettingsError(f"{name}_FILE: {path} contains no secret of up to 64 kB.")
    return text
