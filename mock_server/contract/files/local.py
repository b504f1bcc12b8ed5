"""Files that a document may name: those beneath a folder. Nothing else is ever read."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from mock_server.contract.files.flaws import did_you_mean, piece


class NotLocal(ValueError):  # noqa: N818 (it names what the file is)
    """Raised where a reference names no file beneath the folder; `hint` tells what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def local_file(reference: str, start: Path, folder: Path) -> Path:
    """Return the path of the file that `reference` names, seen from the folder `start`; raise `NotLocal` unless it is beneath
    `folder`."""
    if "://" in reference or reference.startswith("//"):
        raise NotLocal(f"{piece(reference)} is not read: a reference stays inside the document's folder", "copy the file there")
    try:
        path = (start / unquote(reference)).resolve()
        found = path.is_file()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL character, links in a circle
        raise NotLocal(f"{piece(reference)} is not the name of a file") from None
    beneath = folder.resolve()
    if not path.is_relative_to(beneath):
        raise NotLocal(f"{piece(reference)} lies outside the document's folder", f"move it beneath {beneath}")
    if not found:
        siblings = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
        raise NotLocal(f"there is no file {piece(reference)}", did_you_mean(path.name, siblings))
    return folder / path.relative_to(beneath)
