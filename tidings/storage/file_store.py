"""Store files by name in a folder or in object storage; their SHA-256 is in files for `sha256sum
-c`.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SUFFIX = ".sha256"
CHUNK = 8 * 2**20  # bytes of a file that are read at once
_LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")


def size_and_digest(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def flush_and_digest(path: Path) -> tuple[int, str]:
    """Flush a file, and return its size in bytes and SHA-256 as read from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        # otherwise the page cache is read
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return size_and_digest(path)


def stored_digest(store: Store, name: str) -> tuple[int, str]:
    """Return the size in bytes and the SHA-256 of a file in a store, read from its disk."""
    if isinstance(store, Folder):
        return flush_and_digest(store.path / name)
    digest = hashlib.sha256()
    for part in _parts(store, name):
        digest.update(part)
    return store.size(name), digest.hexdigest()


def _parts(store: Store, name: str) -> Iterator[bytes]:
    return (store.read(name, offset, CHUNK) for offset in range(0, store.size(name), CHUNK))


def read_sums(path: Path) -> dict[str, str]:
    """Return the digests in a checksum file by name; none if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}


def write_sums(path: Path, sums: Mapping[str, str]) -> None:
    """Replace a checksum file atomically."""
    part = path.with_name(f".{path.name}.part")
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    part.write_text("".join(lines), encoding="utf-8")
    Folder(path.parent).take_in(part, path.name)


def replace_file(part: Path, target: Path) -> None:
    """Flush a file, and let it replace another by rename."""
    Folder(target.parent).take_in(part, target.name)
    target.with_name(target.name + SUFFIX).unlink(missing_ok=True)  # of an earlier version


def is_plain_name(name: str) -> bool:
    """Return whether a name, appended to a folder, stays inside it on every operating system."""
    is_odd = "\\" in name or ":" in name or not name.isprintable()
    return not is_odd and all(part not in ("", ".", "..") for part in name.split("/"))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on this machine, or a folder that several machines mount."""

    path: Path

    @property
    def staging(self) -> Path:
        """The folder itself, so that a rename is atomic."""
        return self.path

    def take_in(self, part: Path, name: str) -> None:
        """Flush the file, rename it, and flush the folder."""
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(target)
        sync_folder(target.parent)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the bytes of a file, or of a range of it."""
        with self._path(name).open("rb") as file:
            file.seek(offset)
            return file.read(-1 if length is None else length)

    def names(self) -> Iterator[str]:
        """Yield the names of all complete files, in order."""
        paths = filter(Path.is_file, self.path.rglob("[!.]*"))
        yield from sorted(path.relative_to(self.path).as_posix() for path in paths)

    def size(self, name: str) -> int:
        """Return a file's size in bytes."""
        return self._path(name).stat().st_size

    def remove(self, name: str) -> None:
        """Delete a file if it exists."""
        with contextlib.suppress(FileNotFoundError):
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        return self.path / _checked(name)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects below a URL such as ``s3://bucket/prefix`` in S3 or a compatible service.

    Credentials come from ``AWS_…`` variables, a profile, or the machine's role;
    ``AWS_ENDPOINT_URL`` sets another service.
    """

    address: str
    staging: Path

    def take_in(self, part: Path, name: str) -> None:
        """Upload the file to this name and delete the local file."""
        with storage_errors():
            s3_client().upload_file(str(part), self._bucket, self._key(name))
        part.unlink()

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the bytes of a file, or of a range of it, with one request."""
        if length == 0:
            return b""
        until = "" if length is None else offset + length - 1
        some = {"Range": f"bytes={offset}-{until}"} if offset or length is not None else {}
        with storage_errors():
            response = s3_client().get_object(Bucket=self._bucket, Key=self._key(name), **some)
            return bytes(response["Body"].read())

    def names(self) -> Iterator[str]:
        """Yield the names of all files, in order."""
        start = self._key("")
        with storage_errors():
            pages = s3_client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=start):
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(start)

    def size(self, name: str) -> int:
        """Return a file's size in bytes."""
        with storage_errors():
            head = s3_client().head_object(Bucket=self._bucket, Key=self._key(name))
            return int(head["ContentLength"])

    def remove(self, name: str) -> None:
        """Delete a file if it exists."""
        with contextlib.suppress(FileNotFoundError), storage_errors():
            s3_client().delete_object(Bucket=self._bucket, Key=self._key(name))

    def check(self) -> None:
        """Raise OSError unless the bucket exists and this machine may list it."""
        with storage_errors():
            s3_client().list_objects_v2(Bucket=self._bucket, Prefix=self._key(""), MaxKeys=1)

    @property
    def _bucket(self) -> str:
        return urlsplit(self.address).netloc

    def _key(self, name: str) -> str:
        prefix = urlsplit(self.address).path.strip("/")
        name = _checked(name) if name else ""
        return f"{prefix}/{name}" if prefix else name


# Files by name, which may contain slashes. Methods raise OSError, and FileNotFoundError for a
# missing file or a name, perhaps of a foreign row, that is not plain. ``staging`` is the local
# folder for files without a name.
Store = Folder | Bucket


def _checked(name: str) -> str:
    if not is_plain_name(name):
        raise FileNotFoundError(errno.ENOENT, "not a file name below a folder", name)
    return name


@functools.cache
def s3_client() -> Any:
    """Return this process's client. Raises OSError."""
    try:
        import boto3  # noqa: PLC0415 - only lakes in object storage need it
    except ImportError as error:
        raise OSError("object storage needs the extra tidings[scale]") from error
    with storage_errors():
        try:
            return boto3.Session().client("s3")
        except ValueError as error:  # an invalid URL
            raise OSError(
                f"object storage: {str(error).rstrip('.')}; correct AWS_ENDPOINT_URL"
            ) from error


_KEY = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_DENIED = "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the permissions of this key"
_UNREACHABLE = "check the network, and AWS_ENDPOINT_URL if your service is not AWS"
_HINTS = {
    "NoSuchBucket": "`tidings setup` creates the bucket, or correct data= in TIDINGS_WAREHOUSE",
    "ParamValidationError": "correct data= in TIDINGS_WAREHOUSE",
    "ProfileNotFound": "correct AWS_PROFILE",
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"), _KEY
    ),
    **dict.fromkeys(
        ("AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"),
        _DENIED,
    ),
    **dict.fromkeys(
        ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "SSLError"),
        _UNREACHABLE,
    ),
}
"""The next step after an error of the service, by its code, or after an error of its library, by
its name.
"""


_KINDS = {
    "404": FileNotFoundError,
    "NoSuchKey": FileNotFoundError,
    "416": EOFError,  # a range behind the object's end
    "InvalidRange": EOFError,
}


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Convert errors of object storage to the OSError or EOFError that a disk would raise."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("botocore.", "boto3.")):
            raise
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        hint = _HINTS.get(code or type(error).__name__)
        line = " ".join(str(error).split()).rstrip(".")
        text = f"object storage: {line}{f'; {hint}' if hint else ''}"
        raise _KINDS.get(code, OSError)(text) from error


def has_file(store: Store, name: str) -> bool:
    """Return whether a file exists. Raises OSError if the store cannot be reached."""
    try:
        store.size(name)
    except FileNotFoundError:
        return False
    return True


def copy_file(source: Store, target: Store, name: str) -> None:
    """Copy one file to another store with the same name."""
    target.staging.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=target.staging)
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines(_parts(source, name))
        Path(part).chmod(0o644)
        target.take_in(Path(part), name)
    finally:
        Path(part).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, so that a power failure undoes no rename."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
