"""The files that a run leaves: known to be writable before its first request, and written after its verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contract_tests.cli.options import Options
from contract_tests.reports import write_report, writer_for
from contract_tests.reports.overlays import extended, write_overlay
from contract_tests.reports.profiles import write_profile
from contract_tests.reports.writing import check_writable
from contract_tests.runner.outcome import Outcome
from mock_server.contract.files.plain_files import refuse_odd_files


def check_outputs(options: Options) -> None:
    """Raise `ValueError` or `OSError` where a file could not be written after the run. Only folders are made."""
    for path in options.report:
        writer_for(path)  # it knows the format
    replaced = [path for path in (*options.report, options.profile_out, options.overlay_out) if path is not None]
    read = [path for path in (options.document_path, options.ca_bundle) if path is not None and path != options.overlay_out]
    named: set[Path] = set()
    for path in (*replaced, *([options.ledger] if options.ledger else [])):
        refuse_odd_files(path)
        place = path.absolute()
        if place in named:
            raise ValueError(f"{path} is named for two outputs")
        if place in {other.absolute() for other in read}:
            raise ValueError(f"{path} is read, and cannot be written as well")
        named.add(place)
    if options.overlay_out is not None:
        extended(options.document_path, options.overlay_out)
    for path in replaced:
        check_writable(path)


def write_outputs(options: Options, outcome: Outcome, tell: Callable[[str], None]) -> bool:
    """Write all files that can be; `tell` what is not written, and say whether everything is that was asked for."""
    written = [_write(lambda path=path: write_report(outcome, path), tell) for path in options.report]  # type: ignore[misc]
    if outcome.verdict == "unjudged" or outcome.interrupted_by:
        return all(written)
    if (profile := options.profile_out) is not None:
        written.append(_write(lambda: write_profile(outcome, profile), tell))
    if (overlay := options.overlay_out) is not None:
        written.append(_write(lambda: _write_overlay(options, outcome, overlay, tell), tell))
    return all(written)


def _write(write: Callable[[], None], tell: Callable[[str], None]) -> bool:
    try:
        write()
    except (OSError, ValueError) as error:
        tell(str(error))
        return False
    return True


def _write_overlay(options: Options, outcome: Outcome, path: Path, tell: Callable[[str], None]) -> None:
    if not write_overlay(outcome, options.document_path, path):
        tell(f"nothing was settled, so {path} was not written")
