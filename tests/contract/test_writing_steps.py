"""Mistakes in steps that write: each is told where it stands, with what would be right."""

from __future__ import annotations

import pytest
from small_document import SMALL

REPLACE = """\
    put:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewGuest'}}}
      responses:
        '200': {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/Guest'}}}}
      x-behaviour:
        - replace: Guest
          where: {id: $request.path.id}
          from: $request.body
          as: guest
        - answer: $guest
    delete:
"""
STEP = "/paths/~1guests~1{id}/put/x-behaviour/0"
WHERE = "          where: {id: $request.path.id}\n          from: $request.body\n          as: guest\n        - answer"

MISTAKES = {
    "a required field that may be left out": (
        ("required: [email]\n      properties:\n        email: {type: string, minLength: 1}\n        age", "properties:\n        email: {type: string, minLength: 1}\n        age"),
        f"{STEP}/replace", "the required field 'email' is not always given", "`update` the record",
    ),
    "no condition": (("          where: {id: $request.path.id}\n          from", "          from"), f"{STEP}/where", "'where' is missing", ""),
    "an unknown outcome": (("          from: $request.body\n          as: guest\n        - answer: $guest\n    delete", "          from: $request.body\n          otherwise: make\n          as: guest\n        - answer: $guest\n    delete"), f"{STEP}/otherwise", "'make' is not an outcome here", ""),
    "what the condition gives already": (("          from: $request.body\n          as: guest\n        - answer: $guest\n    delete", "          from: $request.body\n          set: {id: x}\n          as: guest\n        - answer: $guest\n    delete"), f"{STEP}/set/id", "'id' is made by the server", ""),
}  # fmt: skip


def test_a_replacement_is_read(load):
    assert load(SMALL.replace("    delete:\n", REPLACE)).operations


@pytest.mark.parametrize(("change", "place", "message", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told(flaws_of, change, place, message, hint):
    document = SMALL.replace("    delete:\n", REPLACE)
    assert change[0] in document
    found = flaws_of(document.replace(*change, 1))

    assert [(flaw.pointer, message in flaw.message, hint in flaw.hint) for flaw in found if flaw.pointer == place] == [
        (place, True, True)
    ], found


def test_uuids_cannot_be_counted(flaws_of):
    document = SMALL.replace("        id: {type: string}\n", "        id: {type: string, format: uuid}\n")
    (flaw,) = flaws_of(document.replace("key: [email]", "key: [email], ids: sequential"))

    assert (flaw.pointer, flaw.hint) == ("/components/schemas/Guest/x-resource/ids", "random")
    assert "which cannot be counted" in flaw.message


def test_an_id_that_a_client_chooses_is_no_part_of_a_change(load):
    document = SMALL.replace("key: [email]", "key: [email], ids: client").replace("    delete:\n", REPLACE)
    document = document.replace(
        "        email: {type: string, minLength: 1}\n",
        "        email: {type: string, minLength: 1}\n        id: {type: string}\n",
    )
    written = {step.__class__.__name__: {write.field for write in step.written} for step in load(document).steps()}

    assert "id" in written["FindOrCreate"]
    assert "id" not in written["Replace"]


BULK = """\
  /guests/bulk:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [all], properties: {all: {type: array, items: {$ref: '#/components/schemas/NewGuest'}}}}
      responses:
        '200': {description: x, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Guest'}}}}}
      x-behaviour:
        - create: Guest
          each: $request.body#/all
          from: $item
          as: guests
        - answer: $guests
  /guests/{id}:
"""
BULK_STEP = "/paths/~1guests~1bulk/post/x-behaviour/0"
BULK_MISTAKES = {
    "no list": (("each: $request.body#/all", "each: $request.body"), f"{BULK_STEP}/each", "'$request.body' is not always a list", "an array"),
    "a list from elsewhere": (("each: $request.body#/all", "each: $now"), f"{BULK_STEP}/each", "a list is taken from the body only", ""),
    "an unknown list": (("each: $request.body#/all", "each: $request.body#/al"), f"{BULK_STEP}/each", "the schema of the body has no such part", "did you mean 'all'?"),
    "an unknown part": (("from: $item", "set: {email: $item#/mail}"), f"{BULK_STEP}/set/email", "the schema of the elements has no such part", "did you mean 'email'?"),
    "an element of nothing": (("          each: $request.body#/all\n          from: $item\n", "          set: {email: $item#/email}\n"), f"{BULK_STEP}/set/email", "the step is not done for each of several", "`each:"),
    "a field of a list": (("answer: $guests", "answer: $guests.mail"), "/paths/~1guests~1bulk/post/x-behaviour/1/answer", "a list of Guest has no value 'mail'", "did you mean 'email'?"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "place", "message", "hint"), BULK_MISTAKES.values(), ids=BULK_MISTAKES)
def test_a_mistake_about_several_is_told(flaws_of, load, change, place, message, hint):
    document = SMALL.replace("  /guests/{id}:\n", BULK)
    assert load(document).operations
    assert change[0] in document
    found = flaws_of(document.replace(*change, 1))

    assert [flaw for flaw in found if flaw.pointer == place and message in flaw.message and hint in flaw.hint], found
