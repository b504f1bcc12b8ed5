"""Keeping what large files come to, so that they are read quickly the next time.

It is kept in the user's cache folder, or in the one that the variable `MOCK_SERVER_CACHE` names; `off` keeps nothing. A file
there is named for the content that it was made of. What is torn, foreign or otherwise not as it was written is not used.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import orjson

from mock_server.contract.files.parsed import DuplicateKey, Parsed

FORMAT = "1"
"""To be raised whenever a text would come to other data, or this is kept in another way."""

SMALLEST = 500_000
"""Shorter texts are read within some 30 ms, which is hardly longer than to find what was kept."""

MOST_FILES = 32
MOST_BYTES = 256_000_000
LARGEST = MOST_BYTES // 4

NAME = re.compile(r"document-(?:[0-9a-f]{64}\.json|.*\.tmp)")
ABANDONED = 3600
"""After how many seconds a file that was never finished may go."""


class DocumentCache:
    """A folder of data by the texts that it was read from. That it cannot be read or written is never a failure."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> DocumentCache | None:
        """Return the cache of the user; None where there is to be none."""
        named = environment.get("MOCK_SERVER_CACHE", "")
        if named == "off":
            return None
        try:
            return cls(Path(named).expanduser() if named else _users_folder(environment) / "understudy")
        except RuntimeError:  # there is no home
            return None

    def parsed(self, text: str, parse: Callable[[str], Parsed]) -> Parsed:
        """Return what `parse` makes of a text, as it is kept here if it is."""
        if len(text) < SMALLEST:
            return parse(text)
        key = _key(text)
        path = self.folder / f"document-{key}.json"
        parsed = _read(path, key)
        if parsed is None:
            parsed = parse(text)
            with suppress(OSError, TypeError):  # TypeError: there is a number of more than 64 bits
                self._write(path, key, parsed)
        return parsed

    def _write(self, path: Path, key: str, parsed: Parsed) -> None:
        duplicates = [(duplicate.path, duplicate.line, duplicate.column) for duplicate in parsed.duplicates]
        content = orjson.dumps({"value": parsed.value, "duplicates": duplicates})
        if len(content) > LARGEST:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="document-", suffix=".tmp", dir=self.folder)  # for its owner alone
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_checksum(key, content) + b"\n" + content)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        self._prune()

    def _prune(self) -> None:
        """Remove all but the files that were used last, as many as may stay."""
        files = []
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name):
                with suppress(OSError):  # another process has removed it
                    files.append((path.lstat(), path))
        now, kept, size = time.time(), 0, 0
        for status, path in sorted(files, key=lambda file: file[0].st_mtime, reverse=True):
            if path.suffix == ".tmp":
                is_kept = now - status.st_mtime < ABANDONED
            else:
                kept, size = kept + 1, size + status.st_size
                is_kept = kept <= MOST_FILES and size <= MOST_BYTES
            if not is_kept:
                with suppress(OSError):
                    path.unlink()


def _read(path: Path, key: str) -> Parsed | None:
    try:
        if not _is_ours(path.lstat()):
            return None
        checksum, _, content = path.read_bytes().partition(b"\n")
        if checksum != _checksum(key, content):
            return None
        kept = orjson.loads(content)
        parsed = Parsed(kept["value"], tuple(DuplicateKey(tuple(at), *place) for at, *place in kept["duplicates"]))
        os.utime(path)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return parsed


def _is_ours(status: os.stat_result) -> bool:
    """Say whether it is a file that no other user could have written."""
    is_foreign = hasattr(os, "getuid") and (status.st_uid != os.getuid() or bool(status.st_mode & 0o022))
    return stat.S_ISREG(status.st_mode) and not is_foreign and status.st_size <= LARGEST + 100


def _key(text: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # it takes time to import

    try:
        release = version("understudy")
    except PackageNotFoundError:  # run from its sources
        release = ""
    return _sha256(f"{FORMAT} {release}\n{text}".encode())


def _checksum(key: str, content: bytes) -> bytes:
    return _sha256(key.encode() + content).encode()


def _users_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder where a user's programs keep what they can make again."""
    named = Path(environment.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _sha256(content: bytes) -> str:
    from hashlib import sha256  # it takes time to import, and few documents are large

    return sha256(content).hexdigest()
