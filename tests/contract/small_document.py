from __future__ import annotations

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


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return `text` with each old part, which stands there once, replaced by the new one."""
    for old, new in edits:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text
