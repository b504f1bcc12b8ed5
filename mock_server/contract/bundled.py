"""The files that travel with the distribution: the bundled document and its fixtures."""

from __future__ import annotations

from pathlib import Path


def bundled(name: str) -> Path:
    """Return a data file of the distribution: from the wheel where it is installed, else from the checkout."""
    package = Path(__file__).parent.parent
    installed = package / "data" / name
    return installed if installed.exists() else package.parent / name
