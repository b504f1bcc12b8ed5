"""The ledger: a file to which the ids of records are appended while a run makes them, one line of JSON each.

A line is either a record that was made or, with `deleted`, one that is gone. It is written at once, so that it is there even if
the process is killed; texts are escaped, so that none can look like a line of its own.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from mock_server.contract.files.plain_files import cannot_write, make_folder, refuse_odd_files


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A record that a run made. `organization` says in whose name, `found_by` the values by which operations find it."""

    resource: str
    id: str | int | None
    organization: str | None
    operation: str
    found_by: Mapping[str, str | int]
    """By resource and field, as in `Task.id`: its own values, and those of what it belongs to."""
    target: str = ""
    tag: str = ""
    tagged: bool = False
    """Whether the record had the tag in it when it was made."""
    uncertain: str = ""
    """Why there may be no such record, or one that is not the run's own; an empty text if neither."""
    time: str = ""

    @property
    def identity(self) -> str:
        """What no other record has."""
        return json.dumps(
            [self.target, self.tag, self.organization, self.resource, self.id, dict(self.found_by)], sort_keys=True
        )


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """What a ledger holds: the records that are left, the newest first, and the numbers of lines that cannot be read."""

    left: Sequence[LedgerEntry]
    unreadable: Sequence[int]


class Ledger:
    """Appends to the file at `path`; raise `OSError` where that cannot be done. `tell` is told once if it no longer can."""

    def __init__(self, path: Path, tell: Callable[[str], None] = lambda sentence: None) -> None:
        self.path = path
        self.trouble = ""
        self._tell = tell
        self._pending = b""
        """What could not be written yet."""
        self._lock = threading.Lock()
        self._descriptor = opened(path)

    def add(self, entry: LedgerEntry) -> None:
        """Write the line of a record that was made."""
        self._write(asdict(entry))

    def add_deleted(self, entry: LedgerEntry) -> None:
        """Write the line of a record that is gone."""
        self._write({"deleted": json.loads(entry.identity), "time": now()})

    def sync(self) -> None:
        """Have the disk keep what was written."""
        self._append(b"")
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._note(error)

    def close(self) -> None:
        """Write what is left, as far as it can be."""
        self.sync()
        os.close(self._descriptor)

    @property
    def missing(self) -> int:
        """How many lines could not be written so far."""
        return self._pending.count(b"\n")

    def _write(self, members: Mapping[str, Any]) -> None:
        self._append(json.dumps(members, ensure_ascii=True).encode() + b"\n")

    def _append(self, line: bytes) -> None:
        with self._lock:
            self._pending += line
            while self._pending:
                try:
                    written = os.write(self._descriptor, self._pending)
                except OSError as error:
                    self._note(error)
                    return
                self._pending = self._pending[written:]

    def _note(self, error: OSError) -> None:
        if not self.trouble:
            self.trouble = error.strerror or str(error)
            self._tell(f"cannot write {self.path}: {self.trouble}; the run goes on")


def now() -> str:
    """Return the time as a ledger shows it: UTC, in milliseconds."""
    return datetime.now(UTC).isoformat("T", "milliseconds").replace("+00:00", "Z")


def opened(path: Path) -> int:
    """Return the descriptor of a file to append to, which is made unless it is there; raise `OSError` where that cannot be.

    A line that another process left unfinished is ended.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)  # each system has some of them
    refuse_odd_files(path)
    try:
        make_folder(path)
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        raise cannot_write(path, error) from None
    with suppress(OSError):
        if os.fstat(descriptor).st_size:
            os.lseek(descriptor, -1, os.SEEK_END)
            if os.read(descriptor, 1) != b"\n":
                os.write(descriptor, b"\n")
    return descriptor


def read_ledger(path: Path) -> LedgerFile:
    """Return what a ledger holds; raise `OSError` where it cannot be read."""
    made: dict[str, LedgerEntry] = {}
    unreadable: list[int] = []
    entries = TypeAdapter(LedgerEntry)
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            members = json.loads(line)
            if isinstance(members, dict) and "deleted" in members:
                made.pop(json.dumps(members["deleted"], sort_keys=True), None)
            else:
                entry = entries.validate_python(members)
                made.setdefault(entry.identity, entry)
        except ValueError:  # among them those of JSON, of UTF-8 and of pydantic
            unreadable.append(number)
    return LedgerFile(list(reversed(made.values())), unreadable)
