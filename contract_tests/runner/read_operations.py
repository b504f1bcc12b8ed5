"""The document as Schemathesis reads it: the one that is held to, with what overlays and earlier dialects were made into."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import urljoin, urlsplit

import schemathesis

from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract


def operations_of(contract: Contract) -> dict[tuple[str, str], Any]:
    """Return the operations as Schemathesis reads them, by method and path."""
    main = contract.document.main
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Schemathesis about a document that it reads as we do not
        schema = schemathesis.openapi.from_dict(_located(main.value, main.path.resolve().as_uri()))
        read = [found.ok() for found in schema.get_all_operations() if hasattr(found, "ok")]
    return {(operation.method.upper(), operation.path): operation for operation in read}


def _located(value: Any, base: str) -> Any:
    """Return a document whose references to other files say where these are: it has no file of its own."""
    if isinstance(value, dict):
        return {name: _reference(name, member, base) for name, member in value.items()}
    return [_located(element, base) for element in value] if isinstance(value, list) else value


def _reference(name: str, member: Json, base: str) -> Json:
    if name == "$ref" and isinstance(member, str) and not member.startswith("#") and not urlsplit(member).scheme:
        return urljoin(base, member)
    return _located(member, base)
