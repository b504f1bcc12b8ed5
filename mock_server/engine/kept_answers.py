"""Answers that are kept by the key of their request, so that it may be sent again without being done again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.behaviours.idempotency import EXTENSION
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract
from mock_server.engine.store import Owner, Record, Snapshot

KEPT = EXTENSION
"""Beneath which name a store keeps the answers, by key; no schema is called so."""


def keeps_answers(contract: Contract) -> bool:
    """Say whether any request has a key."""
    return any(operation.idempotency for operation in contract.operations)


def fingerprint(method: str, path: str, query: str, body: Json) -> str:
    """Return a text that is the same for requests that ask for the same only."""
    from hashlib import blake2b  # it takes time to import, and few documents have keys

    asked = json.dumps([method, path, query, body], sort_keys=True, default=repr)
    return blake2b(asked.encode(), digest_size=16).hexdigest()


def kept_as_json(snapshot: Snapshot) -> list[Json]:
    """Return the answers that a snapshot keeps, as JSON."""
    return [
        {"organization": owner, "key": key, **kept}
        for owner, held in snapshot.records.get(KEPT, {}).items()
        for key, kept in held.items()
    ]


def kept_from_json(entries: list[Mapping[str, Any]]) -> Iterator[tuple[Owner, str, Record]]:
    """Yield the answers that a snapshot keeps, with their owners and keys."""
    for entry in entries:
        kept = {name: value for name, value in entry.items() if name not in ("organization", "key")}
        yield entry.get("organization"), entry["key"], kept
