"""Writing a file whole or not at all, and finding out beforehand whether it can be."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mock_server.contract.files.plain_files import cannot_write, make_folder, refuse_odd_files

BLOCK = b"\n" * 4096
"""What is written to find out whether there is room: a full disk still takes the name of a file."""


def write_whole(path: Path, text: str) -> None:
    """Write text as UTF-8 so that `path` is at any time what it was before, or all of the text. Folders are made.

    Raise `OSError` where that cannot be; a symbolic link is not followed, and not replaced either.
    """
    with _unfinished(path, text.encode("utf-8", "backslashreplace")) as unfinished:
        os.replace(unfinished, path)


def check_writable(path: Path) -> None:
    """Raise `OSError` where `write_whole` would; what is there stays as it is. Folders are made."""
    with _unfinished(path, BLOCK):
        pass


@contextmanager
def _unfinished(path: Path, content: bytes) -> Iterator[Path]:
    """Yield a file beside `path` with the content, on the disk; it is gone afterwards, unless it was moved."""
    unfinished = path.parent / f".understudy-{secrets.token_hex(8)}.tmp"
    try:
        refuse_odd_files(path)
        make_folder(path)
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield unfinished
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
