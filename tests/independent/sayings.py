"""Values that were sent and how they come back: the rows of the table in docs/contract-tests.md that are about one value."""

from __future__ import annotations

from typing import Any

DOCUMENT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
security: [{token: []}]
paths:
  /things:
    post:
      operationId: addThing
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses:
        '200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '201': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      x-behaviour: [{create: Thing, from: $request.body}]
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Thing:
      x-resource: {owner: organization}
      type: object
      properties:
        id: {type: string, readOnly: true}
        at: {type: string, format: date-time}
        link: {type: string, format: uri}
        code: {type: string, format: uuid}
        text: {type: string}
        tags: {type: array, uniqueItems: true, items: {type: string}}
        words: {type: array, items: {type: string}}
        labels: {type: object, additionalProperties: {type: string}}
        place:
          type: object
          required: [city]
          properties:
            city: {type: string}
            zip: {type: [string, 'null']}
            country: {type: string, default: FR}
            since: {type: string, format: date-time}
"""


SAME: list[tuple[str, str, Any, Any]] = [
    ("A sent date-time in another zone or precision", "at", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00"),
    ("A sent date-time in another zone or precision", "at", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000+00:00"),
    ("A sent date-time in another zone or precision", "at", "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00Z"),
    ("A sent URL (`format: uri`) normalised", "link", "HTTPS://Example.com", "https://example.com/"),
    (
        "A sent URL (`format: uri`) normalised",
        "link",
        "https://example.com:443/a%7eb?x=%c3%a9",
        "https://example.com/a~b?x=%C3%A9",
    ),
    ("A sent UUID in small letters", "code", "6F1C1D5E-0B1A-4C56-9C5A-0E2A0B9E6C11", "6f1c1d5e-0b1a-4c56-9c5a-0e2a0b9e6c11"),
    ("A list of `uniqueItems` in another order", "tags", ["a", "b"], ["b", "a"]),
    (
        "Nested objects: undocumented properties dropped or kept, defaults added, null left out",
        "place",
        {"city": "Lyon", "more": 1},
        {"city": "Lyon"},
    ),
    (
        "Nested objects: undocumented properties dropped or kept, defaults added, null left out",
        "place",
        {"city": "Lyon"},
        {"city": "Lyon", "zip": None, "country": "FR", "more": 1},
    ),
    (
        "Nested objects: undocumented properties dropped or kept, defaults added, null left out",
        "place",
        {"city": "Lyon", "zip": None},
        {"city": "Lyon"},
    ),
    (
        "Nested objects: undocumented properties dropped or kept, defaults added, null left out",
        "place",
        {"city": "L", "since": "2026-03-01T12:00:00Z"},
        {"city": "L", "since": "2026-03-01T12:00:00+00:00"},
    ),
]
"""The row, a field of the document, what was sent, what is shown: it says the same."""

OTHER: list[tuple[str, str, Any, Any]] = [
    ("Another instant, URL or UUID", "at", "2026-03-01T12:00:00Z", "2026-03-01T12:00:02Z"),
    ("Another instant, URL or UUID", "at", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00+01:00"),
    ("Another instant, URL or UUID", "link", "https://example.com/A", "https://example.com/a"),
    ("Another instant, URL or UUID", "link", "https://example.com/a", "https://example.com/a/"),
    ("Another instant, URL or UUID", "link", "https://example.com/a", "http://example.com/a"),
    ("Another instant, URL or UUID", "link", "https://example.com/a%2Fb", "https://example.com/a/b"),
    ("Another instant, URL or UUID", "code", "6f1c1d5e-0b1a-4c56-9c5a-0e2a0b9e6c11", "6f1c1d5e-0b1a-4c56-9c5a-0e2a0b9e6c12"),
    ("Texts normalised or trimmed", "text", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
    ("Texts normalised or trimmed", "text", "é", "e\u0301"),
    ("Texts normalised or trimmed", "text", "a ", "a"),
    ("A list with other elements, or in another order", "tags", ["a", "b"], ["b", "b"]),
    ("A list with other elements, or in another order", "tags", ["a", "b"], ["a"]),
    ("A list with other elements, or in another order", "words", ["a", "b"], ["b", "a"]),
    ("Values of a map (`additionalProperties`) or documented nested properties lost or changed", "labels", {"a": "1"}, {}),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "labels",
        {"a": "1"},
        {"a": "2"},
    ),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "place",
        {"city": "Lyon", "zip": "1"},
        {"city": "Lyon"},
    ),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "place",
        {"city": "Lyon"},
        {"city": "Lyon", "zip": "1"},
    ),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "place",
        {"city": "Lyon"},
        {"city": "Lyon", "country": "DE"},
    ),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "place",
        {"city": "Lyon", "more": 1},
        {"city": "Lyon", "more": 2},
    ),
    (
        "Values of a map (`additionalProperties`) or documented nested properties lost or changed",
        "place",
        {"city": "Lyon"},
        None,
    ),
]
"""The same for what is wrong."""
