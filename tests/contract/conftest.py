from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.contract.flaws import Flaw, FlawedInput
from mock_server.contract.loader import load_contract
from mock_server.contract.model import Contract

SMALL = """\
openapi: 3.1.0
info: {title: A guest book, version: '1'}
security: [{token: []}]
x-assumptions:
  known-guest:
    choices: {keep: The guest stays., replace: The guest is replaced.}
    default: keep
    why: What becomes of a known guest is not said.
paths:
  /guests:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/NewGuest'}
      responses:
        '200':
          description: The guest.
          content: {application/json: {schema: {$ref: '#/components/schemas/Guest'}}}
      x-behaviour:
        - find-or-create: Guest
          from: $request.body
          when-found: {assumption: known-guest}
          as: guest
        - answer: $guest
          status: 200
  /guests/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200':
          description: The guest.
          content: {application/json: {schema: {$ref: '#/components/schemas/Guest'}}}
      x-behaviour:
        - find: Guest
          where: {id: $request.path.id}
          as: guest
        - answer: $guest
    delete:
      responses:
        '204': {description: Gone.}
      x-behaviour:
        - delete: Guest
          where: {id: $request.path.id}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    NewGuest:
      type: object
      required: [email]
      properties:
        email: {type: string, minLength: 1}
        age: {type: [integer, 'null']}
        nick: {type: string}
    Guest:
      type: object
      required: [id, email, age, since]
      properties:
        id: {type: string}
        email: {type: string}
        age: {type: [integer, 'null']}
        since: {type: string, format: date-time}
        note: {type: string, maxLength: 5}
      x-resource: {owner: organization, key: [email], created: since}
"""
"""A valid document with a bit of everything; tests change one line of it."""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a document, and other files beside it by name: write(text, {"parts/guest.yaml": text})."""

    def write(document: str | bytes, files: dict[str, str] | None = None, name: str = "api.yaml") -> Path:
        for path, text in {name: document, **(files or {})}.items():
            place = tmp_path / "api" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "api" / name

    return write


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., Contract]:
    """Return the contract that a document is."""
    return lambda *document, **options: load_contract(write(*document, **options))


@pytest.fixture
def flaws_of(write: Callable[..., Path]) -> Callable[..., tuple[Flaw, ...]]:
    """Return what is wrong with a document; none when it is a contract."""

    def flaws_of(*document: str, **options: str) -> tuple[Flaw, ...]:
        try:
            load_contract(write(*document, **options))
        except FlawedInput as error:
            return error.flaws
        return ()

    return flaws_of


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return `text` with each old part, which stands there once, replaced by the new one."""
    for old, new in edits:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text
