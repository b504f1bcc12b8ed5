"""The database: SQLite in a file of its own, a pool of connections, unique indexes."""

from __future__ import annotations

import queue
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TABLES = """
CREATE TABLE partners (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT
);
CREATE TABLE contacts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    organization TEXT NOT NULL,
    email TEXT,
    email_key TEXT,                     -- what the contact is found by
    shared INTEGER NOT NULL DEFAULT 0,  -- took the email of somebody else
    given_name TEXT,
    family_name TEXT,
    name TEXT,
    phone TEXT,
    job_title TEXT,
    created_at INTEGER NOT NULL,        -- microseconds
    modified_at INTEGER
);
CREATE TABLE former_emails (
    organization TEXT NOT NULL,
    email_key TEXT NOT NULL,
    contact INTEGER NOT NULL REFERENCES contacts (seq),
    PRIMARY KEY (organization, email_key)
);
CREATE TABLE assignments (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    organization TEXT NOT NULL,
    contact INTEGER NOT NULL REFERENCES contacts (seq),
    partner_id TEXT,
    internal_role TEXT,
    remote_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER
);
CREATE INDEX assignments_of_contact ON assignments (contact);
CREATE INDEX contacts_by_email ON contacts (organization, email_key);
"""
UNIQUE_IDS = """
CREATE UNIQUE INDEX contact_ids ON contacts (id);
CREATE UNIQUE INDEX assignment_ids ON assignments (id);
"""
UNIQUE_EMAILS = "CREATE UNIQUE INDEX contact_emails ON contacts (organization, email_key) WHERE NOT shared;"
UNIQUE_EMAILS_OF_ALL = "CREATE UNIQUE INDEX contact_emails ON contacts (email_key);"


class Database:
    """A database in a temporary file; it goes when the last user lets go of it."""

    def __init__(self, *indexes: str, timeout: float = 20.0) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="partner-api-"))
        self._timeout = timeout
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self.close = weakref.finalize(self, _close, self._idle, self._folder)
        with self.reading() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(TABLES + "".join(indexes))

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._folder / "partner-api.sqlite", timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection; every statement is a transaction of its own."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._open()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the lock for writing from its start."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _close(idle: queue.LifoQueue[sqlite3.Connection], folder: Path) -> None:
    while not idle.empty():
        idle.get_nowait().close()
    shutil.rmtree(folder, ignore_errors=True)
