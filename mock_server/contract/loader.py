"""From a file to a contract: everything is read and checked once.

All flaws are told together. Structure, references, schemas and assumptions are checked first; what is built on a part with a
flaw is then skipped, as it would only tell of the same mistake again, and everything else is checked as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mock_server.contract.access.security import Security
from mock_server.contract.behaviours.assumptions import Decisions, read_assumptions
from mock_server.contract.behaviours.declarations import declared
from mock_server.contract.behaviours.resources import read_resources
from mock_server.contract.behaviours.shown import read_shown
from mock_server.contract.behaviours.steps import VerbReader
from mock_server.contract.behaviours.webhooks import read_delivery
from mock_server.contract.decisions import Assumption, Decision
from mock_server.contract.documents.checking import check_document, check_extensions
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.mounting import Mount, mounted
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract
from mock_server.contract.operations import OperationReader, title_of
from mock_server.contract.problems import KINDS
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.unread import Unread


def read_contract(mounts: Sequence[Mount], verbs: Mapping[str, VerbReader]) -> Contract:
    """Return what can be read of documents and overlays, their flaws noted in it: with any, it is only good to find more.

    `verbs` are those that its behaviours may use, by name. Raise `FlawedInput` when nothing can be read.
    """
    return contract_of(mounted(mounts), verbs)


def contract_of(document: Document, verbs: Mapping[str, VerbReader]) -> Contract:
    """Return what can be read of one document, as `read_contract` does."""
    check_document(document)
    unread = Unread()
    assumptions = read_assumptions(document, unread)
    decisions = Decisions(assumptions, unread)
    schemas = Schemas(document, assumptions)
    schemas.check_all(decisions.assumption)
    # From here on, nothing is built on what has a flaw: that would only tell of the same mistake again.
    resources = read_resources(document, decisions, unread)
    resources, views = read_shown(document, resources, schemas, decisions, unread)
    reader = OperationReader(document, schemas, verbs, resources, views, decisions, unread)
    operations = reader.read_all()
    statuses = _read_problem_statuses(document, decisions)
    delivery = read_delivery(document)
    check_extensions(document)
    _check_all_used(document, assumptions, decisions)
    version = document.root.get("info", "version")
    return Contract(
        document=document,
        schemas=schemas,
        title=title_of(document),
        version=str(version.value if version else ""),
        assumptions=assumptions,
        problem_statuses=statuses,
        resources=resources,
        views=views,
        operations=operations,
        security=reader.security or Security(),
        unread=unread,
        delivery=delivery,
    )


def _read_problem_statuses(document: Document, decisions: Decisions) -> dict[str, Decision[int]]:
    """Return the statuses that `x-problems` gives to kinds of problems."""

    def status(node: Node, raw: object) -> int | None:
        if str(raw).isdecimal() and 400 <= int(str(raw)) <= 499:
            return int(str(raw))
        node.flaw(f"{piece(raw)} is not a status of a refusal", "a number from 400 to 499")
        return None

    statuses = {}
    settable = [kind.name for kind in KINDS.values() if not kind.own]
    entries = document.root.extension("x-problems")
    if entries is not None and not isinstance(entries.value, dict):
        entries.flaw("has to be a mapping: KIND: {status}", did_you_mean("", settable))
    for kind, entry in entries.items() if entries else ():
        if kind not in settable:
            entry.flaw(f"{piece(kind)} is not a kind of problem", did_you_mean(kind, settable))
        elif declared("problem", entry):
            decision = decisions.read(entry["status"], status)
            if decision:
                statuses[kind] = decision
    return statuses


def _check_all_used(document: Document, assumptions: Mapping[str, Assumption], decisions: Decisions) -> None:
    if decisions.unknown:
        return  # one of these may be meant where another name stands
    unused = assumptions.keys() - decisions.referred
    if document.flaws.is_incomplete:  # what refers to an assumption may not have been read
        unused -= _texts({key: part for key, part in document.main.value.items() if key != "x-assumptions"})
    for name in unused:
        message = f"nothing depends on the assumption {piece(name)}"
        document.root["x-assumptions"].flaw(message, "remove it, or refer to it", name)


def _texts(value: Json) -> set[str]:
    """Return every text and every key in `value`."""
    if isinstance(value, dict):
        return set(value).union(*map(_texts, value.values()))
    return set().union(*map(_texts, value)) if isinstance(value, list) else {value} if isinstance(value, str) else set()
