"""Settings from ``TIDINGS_*`` environment variables, and secrets from files."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tidings.base.budget import Budget
from tidings.paths import SEEDS, default_folder, is_checkout
from tidings.version import __version__

FEED_LIST = "feeds.csv"
RELEASE_ON = ("poll", "news")  # values of TIDINGS_RELEASE_ON
RIGHTS = ("", "obey", "record")  # values of TIDINGS_RIGHTS; empty: as stored in the warehouse
# largest values: seconds between requests; processes and threads
A_DAY, MAX_PROCESSES = 86_400, 1_000

# variables whose names with _FILE may be the path of a file with the value
SECRETS = (
    "TIDINGS_WAREHOUSE", "TIDINGS_WEBHOOK", "PGPASSWORD", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY",
    "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_SERVER_DATABASE_CONNECTION_URL",
)  # fmt: skip
MAX_SECRET = 65_536  # bytes


class SettingsError(ValueError):
    """An invalid setting; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run."""

    warehouse: Path  # this machine's data folder
    # TIDINGS_FEEDS, else feeds.csv in the data folder if it exists, else the bundled list
    feeds: Path
    own_feeds: Path  # the list that commands write: the same, but never the bundled one
    # folders with reference data: a later one adds and replaces rows; commands write to the last
    seeds: tuple[Path, ...]
    # default of TIDINGS_SEEDS; in a checkout without TIDINGS_WAREHOUSE only if it exists
    own_seeds: Path
    allow_hosts: frozenset[tuple[str, int]]  # (host, port), exempt from the private-address rule
    host_gap: float  # minimum seconds between requests to one registrable domain
    contact: str
    workers: int
    # of a lake that several machines share: the folder has only files made from it
    address: str = ""
    budget: Budget = field(default_factory=Budget)
    # news: a run releases only if an entry, an article or reference data changed, or a day ended
    release_on: str = RELEASE_ON[0]
    signing_key: Path | None = None  # file of the key for hosts that ask for signed requests
    rights: str = RIGHTS[0]  # empty: the mode that the warehouse stores
    rights_reason: str = ""  # of the mode record

    @property
    def is_bundled(self) -> bool:
        """True if the bundled feed list is in use, because the user has no own list."""
        return self.feeds != self.own_feeds

    @property
    def missing_seeds(self) -> list[Path]:
        """The folders in ``TIDINGS_SEEDS`` that do not exist, except ``own_seeds``."""
        return [folder for folder in self.seeds if folder != self.own_seeds and not folder.is_dir()]

    @property
    def user_agent(self) -> str:
        """The User-Agent header of every request: project, version and contact."""
        return f"Tidings/{__version__} (+{self.contact})"


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings from ``TIDINGS_*`` variables. Raises SettingsError."""
    given = {name: value for name, value in env.items() if value}
    address = given.get("TIDINGS_WAREHOUSE", "")
    folder = _folder(address, default_folder(env))
    _count(given, "TIDINGS_THREADS", 1)  # every connection applies it
    if not given.get("TIDINGS_WEBHOOK", "https://").startswith(("http://", "https://")):
        raise SettingsError("TIDINGS_WEBHOOK is not an http or https URL.")
    own_feeds = Path(given.get("TIDINGS_FEEDS", folder / FEED_LIST))
    has_own_feeds = "TIDINGS_FEEDS" in given or own_feeds.is_file()
    own_seeds, usual = folder / "seeds", Budget()
    has_own_seeds = address or own_seeds.is_dir() or not is_checkout()
    extra = env.get("TIDINGS_SEEDS", str(own_seeds) if has_own_seeds else "")
    return Settings(
        warehouse=folder,
        feeds=own_feeds if has_own_feeds else SEEDS / FEED_LIST,
        own_feeds=own_feeds,
        seeds=(SEEDS, *map(Path, filter(None, extra.split(os.pathsep)))),
        own_seeds=own_seeds,
        allow_hosts=_hosts(given.get("TIDINGS_ALLOW_HOSTS", "")),
        host_gap=_number(given, "TIDINGS_HOST_GAP", 2),
        contact=_contact(given),
        workers=_count(given, "TIDINGS_WORKERS", min(4, os.cpu_count() or 1)),
        address=address,
        budget=Budget(
            pages=int(_number(given, "TIDINGS_SOURCE_PAGES", usual.pages)),
            fetch_seconds=_number(given, "TIDINGS_SOURCE_FETCH_SECONDS", usual.fetch_seconds),
            clean_seconds=_number(given, "TIDINGS_SOURCE_CLEAN_SECONDS", usual.clean_seconds),
            silent_seconds=_number(given, "TIDINGS_SILENT_SECONDS", usual.silent_seconds),
        ),
        release_on=_choice("TIDINGS_RELEASE_ON", given, RELEASE_ON),
        signing_key=next(map(Path, filter(None, [given.get("TIDINGS_SIGNING_KEY")])), None),
        rights=_choice("TIDINGS_RIGHTS", given, RIGHTS),
        rights_reason=_rights_reason(given),
    )


def _rights_reason(given: Mapping[str, str]) -> str:
    reason = " ".join(given.get("TIDINGS_RIGHTS_REASON", "").split())
    if given.get("TIDINGS_RIGHTS") == "record" and not reason:
        basis = "the permission of the publishers, or the exception for research"
        needed = "TIDINGS_RIGHTS=record needs one sentence in TIDINGS_RIGHTS_REASON"
        raise SettingsError(f"{needed}: {basis} (EU directive 2019/790, article 3).")
    return reason[:500]


def _folder(address: str, home: Path) -> Path:
    """Return this machine's data folder: the address, or the parameter ``folder`` of a URL."""
    if "://" in address:
        address = dict(parse_qsl(urlsplit(address).query)).get("folder", "")
    return Path(address or home).resolve()


def _hosts(text: str) -> frozenset[tuple[str, int]]:
    pairs = set()
    for part in filter(None, (item.strip() for item in text.split(","))):
        host, _, port = part.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 1 <= int(port[:9]) <= 65535):
            form = "not of the form host:port, such as 127.0.0.1:8600"
            raise SettingsError(f"TIDINGS_ALLOW_HOSTS: {part!r} is {form}.")
        pairs.add((host.strip("[]"), int(port)))
    return frozenset(pairs)


def _count(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_PROCESSES):
        raise SettingsError(f"{name}: {text!r} is not a whole number from 1 to {MAX_PROCESSES}.")
    return int(text)


def _choice(name: str, given: Mapping[str, str], values: tuple[str, ...]) -> str:
    text = given.get(name, values[0])
    if text not in values:
        raise SettingsError(f"{name}: {text!r} is not one of {', '.join(filter(None, values))}.")
    return text


def _contact(given: Mapping[str, str]) -> str:
    usual = "set TIDINGS_CONTACT to an e-mail address or a web page"
    text = given.get("TIDINGS_CONTACT", usual)
    if not (text.isascii() and text.isprintable()):
        form = "not one line of plain ASCII, which a request header requires"
        raise SettingsError(f"TIDINGS_CONTACT: {text!r} is {form}.")
    return text


def _number(given: Mapping[str, str], name: str, usual: float) -> float:
    text = given.get(name, str(usual))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= A_DAY:  # at most one day; this also refuses NaN and infinity
        raise SettingsError(f"{name}: {text!r} is not a number from 0 to {A_DAY}.")
    return value


def read_instant(text: str) -> dt.datetime:
    """Return the instant of an ISO 8601 text with time zone. Raises SettingsError."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"Invalid time {text!r}: use ISO 8601 with a time zone, such as 2026-08-31T22:00:00Z."
        ) from None
    if instant.tzinfo is None:
        raise SettingsError(f"The time {text!r} has no time zone: use 2026-08-31T22:00:00Z.")
    return instant


def read_secret_files(env: MutableMapping[str, str] = os.environ) -> None:
    """Set each variable in SECRETS from the file in its variable with ``_FILE``. Raises
    SettingsError.
    """
    for name in SECRETS:
        if path := env.get(f"{name}_FILE"):
            text = _read_secret(name, path)
            if (env.get(name) or text) != text:
                raise SettingsError(f"{name} and {name}_FILE are both set: remove one of them.")
            env[name] = text


def _read_secret(name: str, path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_SECRET + 1).decode().strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}_FILE: {path} is not UTF-8 text.") from error
    if not text or len(text) > MAX_SECRET or "\x00" in text:
        raise SettingsError(f"{name}_FILE: {path} contains no secret of up to 64 kB.")
    return text
