"""`mock-server infer`: a proposed overlay, printed, written to a file, or added to one that somebody edited."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.documents.overlay import document_source, extended_as, is_overlay, overlaid
from mock_server.contract.files.source import Source
from mock_server.contract.inferring.merging import inferred_before, merged
from mock_server.contract.inferring.proposal import Proposal
from mock_server.contract.inferring.proposing import proposed
from mock_server.contract.inferring.writing import overlay_text
from mock_server.contract.model import Contract
from mock_server.engine.verbs import VERBS


@dataclass(frozen=True, slots=True)
class InferOptions:
    """The options of `mock-server infer`."""

    document: Path
    output: Path | None = None
    update: bool = False


def infer(options: InferOptions) -> str:
    """Propose an overlay, and write it where that is asked for; return what to print.

    Raise `FlawedInput` for a document with mistakes, and `ValueError` where a file is in the way.
    """
    path, output = options.document, options.output
    if options.update:
        edited = output or (path if is_overlay(Source.from_path(path, allows_duplicates=True)) else None)
        if edited is None:
            raise ValueError("--update needs the overlay to add to: name it with -o")
        if edited.exists():
            return _updated(edited)
    proposal, _, contract = proposed(document_source(path), VERBS)
    text = overlay_text(proposal, contract.title, contract.version, extended_as(path, output)) if proposal.actions else ""
    if output is None:
        return text or _summary(proposal, contract)
    if not text:
        return _summary(proposal, contract)
    if output.exists() and output.read_text(encoding="utf-8") != text:
        raise ValueError(f"{output} is there already; add what is new with --update, or name another file")
    _write(output, text)
    return f"{output}: {_summary(proposal, contract)}"


def _updated(path: Path) -> str:
    overlay = Source.from_path(path)
    proposal, _, contract = proposed(overlaid(overlay), VERBS, inferred_before(overlay))
    text = merged(overlay, proposal)
    if text == overlay.text:
        return f"{path}: nothing new"
    _write(path, text)
    return f"{path}: {_summary(proposal, contract)}"


def _summary(proposal: Proposal, contract: Contract) -> str:
    return f"{proposal.stateful} of {len(contract.operations)} operations get a behaviour"


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
