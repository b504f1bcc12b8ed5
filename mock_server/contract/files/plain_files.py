"""Files that may be written: plain ones alone, and what is said of others."""

from __future__ import annotations

import stat
from pathlib import Path


def refuse_odd_files(path: Path) -> None:
    """Raise `OSError` where `path` is there and is no plain file: a link, a folder, a device."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(mode):
        raise OSError(f"cannot write {path}: it is a symbolic link, which is not followed")
    if stat.S_ISDIR(mode):
        raise OSError(f"cannot write {path}: it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(f"cannot write {path}: it is not a regular file")


def make_folder(path: Path) -> None:
    """Make the folder that a file is to be in, unless it is there; raise `OSError` where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OSError(f"cannot write {path}: {path.parent} is not a folder") from None


def cannot_write(path: Path, error: OSError) -> OSError:
    """Return an error that says which file cannot be written, and why."""
    if error.errno is None:  # it says so already
        return error
    if isinstance(error, FileNotFoundError):
        return OSError(f"cannot write {path}: there is no folder {path.parent}, and it cannot be made")
    return OSError(f"cannot write {path}: {error.strerror}")
