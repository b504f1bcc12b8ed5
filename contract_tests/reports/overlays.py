"""Writing what was observed back into an overlay: the settled choices become the defaults of its assumptions."""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml

from contract_tests.reports.profiles import evidence_of
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Outcome, Settlement
from mock_server.contract.documents.overlay import extended_as, is_overlay
from mock_server.contract.files.source import Source
from mock_server.contract.inferring.merging import with_elements, without_elements
from mock_server.contract.inferring.writing import flow

WIDTH = 110
OBSERVED = "# Observed "
"""How the comment above an action begins that was written from observations."""

BESIDE = """\
# What {target} does where {document} leaves it open.
overlay: 1.0.0
info: {info}
extends: {document}
actions:
"""


def write_overlay(outcome: Outcome, document: Path, path: Path) -> bool:
    """Write what was settled to the overlay at `path`: the document with it, or one beside it; return whether anything was.

    Raise `ValueError` where `path` is not where it can extend the document.
    """
    settled = [settlement for settlement in outcome.settlements if settlement.state == "settled"]
    if not settled:
        return False
    source = extended(document, path)
    actions = [line for settlement in settled for line in _action(settlement, outcome)]
    if is_overlay(source):
        targets = {_target(settlement) for settlement in settled}
        kept = without_elements(
            source, [n for n, one in enumerate(source.value["actions"]) if one["target"] in targets], OBSERVED
        )
        write_whole(path, with_elements(Source(source.path, kept), actions))
        return True
    write_whole(path, _beside(outcome, document, path) + "".join(f"  {line}\n" for line in actions))
    return True


def extended(document: Path, path: Path) -> Source:
    """Return what an overlay at `path` starts from: the overlay that is there or that the document is, else the document.

    Raise `ValueError` where `path` is not where it can extend the document.
    """
    start = path if path.exists() and path != document else document
    source = Source.from_path(start, allows_duplicates=True)
    if is_overlay(source):
        if start.absolute().parent != path.absolute().parent:
            raise ValueError(f"{path} has to be in the folder of {start.name}, whose document it extends as well")
    elif start == path:
        raise ValueError(f"{path} is not an overlay; name another file")
    else:
        extended_as(document, path)
    return source


def _beside(outcome: Outcome, document: Path, path: Path) -> str:
    relative = extended_as(document, path)
    info = flow({"title": f"What was observed of {outcome.title}", "version": outcome.started[:10]})
    return BESIDE.format(target=outcome.target, document=relative, info=info)


def _action(settlement: Settlement, outcome: Outcome) -> list[str]:
    evidence = evidence_of(settlement)
    told = f"{OBSERVED}{outcome.started[:10]} at {outcome.target}" + (f": {evidence}" if evidence else "")
    lines = textwrap.wrap(told, WIDTH, subsequent_indent="#   ", break_long_words=False)
    update = yaml.safe_dump({"default": settlement.choices[0]}, default_flow_style=True).strip()
    return [*lines, f"- target: {flow(_target(settlement))}", f"  update: {update}"]


def _target(settlement: Settlement) -> str:
    name = settlement.assumption.replace("\\", "\\\\").replace("'", "\\'")
    return f"$['x-assumptions']['{name}']"
