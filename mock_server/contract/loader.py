"""From a file to a contract: everything is read and checked once.

All flaws are told together, in two rounds: first those of structure, references, schemas and assumptions; when there are none,
those of all that is built on them.
"""

from __future__ import annotations

from pathlib import Path

from mock_server.contract.assumptions import Decisions, read_assumptions
from mock_server.contract.declarations import declared
from mock_server.contract.document import Document, Node
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.model import Contract, Decision
from mock_server.contract.operations import OperationReader
from mock_server.contract.overlay import is_overlay, overlaid
from mock_server.contract.problems import KINDS
from mock_server.contract.resources import read_resources
from mock_server.contract.schemas import Schemas
from mock_server.contract.source import Source


def load_contract(path: Path) -> Contract:
    """Return the contract that the document at `path` is, or the one that the overlay there makes of a document; raise
    `FlawedInput` with every flaw when it is none."""
    source = Source.from_path(path)
    document = Document.from_source(overlaid(source) if is_overlay(source) else source)
    assumptions = read_assumptions(document)
    decisions = Decisions(assumptions)
    schemas = Schemas(document, assumptions)
    schemas.check_all()
    # What follows compiles the schemas and follows the names.
    document.flaws.raise_if_any(unread="parameters, examples, `x-resource`, `x-behaviour`, `x-problems`")
    resources = read_resources(document, decisions)
    reader = OperationReader(document, schemas, resources, decisions)
    operations = reader.read_all()
    statuses = _read_problem_statuses(document, decisions)
    document.check_extensions()
    if not document.flaws:  # else what refers to an assumption may not have been read
        _check_all_used(document, set(assumptions) - decisions.referred - schemas.relevant)
    document.flaws.raise_if_any()
    info = document.main.value["info"]
    return Contract(
        document=document,
        schemas=schemas,
        title=info["title"],
        version=info["version"],
        assumptions=assumptions,
        problem_statuses=statuses,
        resources=resources,
        operations=operations,
        secured=reader.is_secured(document.root),
    )


def _read_problem_statuses(document: Document, decisions: Decisions) -> dict[str, Decision[int]]:
    """Return the statuses that `x-problems` gives to kinds of problems."""

    def status(node: Node, raw: object) -> int | None:
        if str(raw).isdecimal() and 400 <= int(str(raw)) <= 499:
            return int(str(raw))
        node.flaw(f"{piece(raw)} is not a status of a refusal", "a number from 400 to 499")
        return None

    statuses = {}
    entries = document.root.extension("x-problems")
    if entries is not None and not isinstance(entries.value, dict):
        entries.flaw("has to be a mapping: KIND: {status}", did_you_mean("", KINDS))
    for kind, entry in entries.items() if entries else ():
        if kind not in KINDS:
            entry.flaw(f"{piece(kind)} is not a kind of problem", did_you_mean(kind, KINDS))
        elif declared("problem", entry):
            decision = decisions.read(entry["status"], status)
            if decision:
                statuses[kind] = decision
    return statuses


def _check_all_used(document: Document, unused: set[str]) -> None:
    for name in unused:
        message = f"nothing depends on the assumption {piece(name)}"
        document.root["x-assumptions"].flaw(message, "remove it, or refer to it", name)
