"""What a run came to, for those who read it: on the console, and as files for browsers, CI systems and programs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from contract_tests.reports import html, json_report, junit, markdown
from contract_tests.runner.outcome import Outcome


class Writer(Protocol):
    """Writes an outcome to a file."""

    def __call__(self, outcome: Outcome, path: Path) -> None:
        """Write the whole file, or leave what was there."""


WRITERS: dict[str, Writer] = {
    ".html": html.write,
    ".md": markdown.write,
    ".json": json_report.write,
    ".xml": junit.write,
}


def writer_for(path: Path) -> Writer:
    """Return what writes the report that the name of the file asks for; ValueError says which names are right."""
    if writer := WRITERS.get(path.suffix.lower()):
        return writer
    raise ValueError(
        f"{path}: a report is Markdown (.md), a page (.html), data (.json) or JUnit XML (.xml), as the end of the name says; "
        + (f"{path.suffix} is none of them" if path.suffix else "this name has no such end")
    )


def write_report(outcome: Outcome, path: Path) -> None:
    """Write the report that the name of the file asks for, whole or not at all."""
    writer_for(path)(outcome, path)
