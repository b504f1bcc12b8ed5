from __future__ import annotations

import socket

import pytest
from small_document import SMALL, edited

EMAIL = "        email: {type: string, minLength: 1}"
NEW_GUEST = "            schema: {$ref: '#/components/schemas/NewGuest'}"
GONE = "'204': {description: Gone.}"


def email_of(schema: str) -> str:
    return edited(SMALL, (EMAIL, f"        email: {schema}"))


def told(flaws):
    return [(flaw.line, flaw.pointer, flaw.message, flaw.hint) for flaw in flaws]


def test_the_small_document_has_no_flaws(flaws_of):
    assert flaws_of(SMALL) == ()


def test_a_mistake_in_a_schema_does_not_hide_those_in_behaviours(flaws_of):
    text = edited(email_of("{type: strng}"), ("when-found: {assumption: known-guest}", "when-found: {assumption: known}"))

    assert [flaw.message for flaw in flaws_of(text)] == ["there is no assumption 'known'", "'strng' is not a type"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "is not an OpenAPI document", ""),
        ("[a, b]", "is not an OpenAPI document", ""),
        ("just text", "is not an OpenAPI document", ""),
        ("swagger: '1.2'", "Swagger 1.2 is not supported", "or Swagger 2.0"),
        ("openapi: 4.0.0", "OpenAPI 4.0.0 is not supported", "as in openapi: 3.1.0"),
        ("openapi: 3", "OpenAPI 3 is not supported", "as in openapi: 3.1.0"),
        ("openapi: [3.1.0]", "OpenAPI ['3.1.0'] is not supported", "as in openapi: 3.1.0"),
    ],
)
def test_a_file_that_is_no_openapi_document_is_refused(flaws_of, text, message, hint):
    (flaw,) = flaws_of(text)

    assert message in flaw.message
    assert hint in flaw.hint
    assert flaw.line == 1


@pytest.mark.parametrize(
    ("edit", "pointer", "message", "hint"),
    [
        (("info: {title: A guest book, version: '1'}\n", ""), "", "'info' is missing", ""),
        (("title: A guest book, ", ""), "/info", "'title' is missing", ""),
        (("version: '1'", "version: 1.0"), "/info/version", '1.0 is not of type "string"', "put it in quotes"),
        (("security:", "securty:"), "/securty", "'securty' is not known here", "did you mean 'security'?"),
        (("security:", "zzz:"), "/zzz", "'zzz' is not known here", "own keys begin with x-"),
        (("security: [{token: []}]", "schema: {}"), "/schema", "'schema' is not known here", "it belongs elsewhere"),
        (("    delete:", "    delet:"), "/paths/~1guests~1{id}/delet", "'delet' is not known", "did you mean 'delete'?"),
        (("  /guests/{id}:", "  guests/{id}:"), "/paths/guests~1{id}", "is not known here", "a path begins with /"),
        (("in: path", "in: pat"), "/paths/~1guests~1{id}/parameters/0/in", '"pat" is not one of', "did you mean 'path'?"),
        ((GONE, "204a: {description: Gone.}"), "/paths/~1guests~1{id}/delete/responses/204a", "is not known here", ""),
        ((GONE, "'204': {}"), "/paths/~1guests~1{id}/delete/responses/204", "'description' is missing", ""),
        ((GONE, "'204': []"), "/paths/~1guests~1{id}/delete/responses/204", 'is not of type "object"', ""),
        ((", schema: {type: string}", ""), "/paths/~1guests~1{id}/parameters/0", "", ""),
    ],
)
def test_a_document_that_is_not_built_as_openapi_asks_is_refused(flaws_of, edit, pointer, message, hint):
    flaws = flaws_of(edited(SMALL, edit))

    assert any((f.pointer, message in f.message, hint in f.hint) == (pointer, True, True) for f in flaws), told(flaws)


def test_all_flaws_are_told_at_once_in_the_order_of_lines(flaws_of):
    text = edited(
        SMALL,
        ("version: '1'", "version: 1"),
        ("default: keep", "defalt: keep"),
        (EMAIL, "        email: {type: strng, minLenght: 1, $ref: '#/nowhere'}"),
        (NEW_GUEST, "            schema: {$ref: '#/components/schemas/NewGuest', x-when: {known-gest: {}}}"),
    )

    flaws = flaws_of(text)

    assert [flaw.line for flaw in flaws] == [2, 7, 16, 54, 54, 54]
    assert {flaw.pointer.rpartition("/")[2] for flaw in flaws} >= {
        "version",
        "defalt",
        "known-gest",
        "type",
        "minLenght",
        "$ref",
    }


def test_flaws_of_resources_and_of_every_step_are_told_at_once(flaws_of):
    text = edited(
        SMALL,
        ("key: [email]", "key: [emial]"),
        ("from: $request.body", "from: $request.boddy"),
        ("        - delete: Guest", "        - find: Gest\n          where: {id: x}\n        - remove: Guest"),
    )

    assert [flaw.line for flaw in flaws_of(text)] == [23, 45, 47, 68]


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("#/components/schemas/Gest", "there is no 'Gest'", "did you mean 'Guest'?"),
        ("#/components/shemas/Guest", "there is no 'shemas'", "did you mean 'schemas'?"),
        ("#/paths/~1guests/post/x-behaviour/9", "there is no '9'", ""),
        ("#email", "behind # stands a JSON Pointer", "#/components/schemas/NAME"),
        ("nobody.yaml", "there is no file 'nobody.yaml'", "it may be one of: api.yaml"),
        ("apy.yaml#/components", "there is no file 'apy.yaml'", "did you mean 'api.yaml'?"),
        (".", "there is no file '.'", ""),
        ("../secret.yaml", "lies outside the document's folder", "move it beneath"),
        ("%2E%2E/secret.yaml", "lies outside the document's folder", "move it beneath"),
        ("parts/../../secret.yaml", "lies outside the document's folder", "move it beneath"),
        ("/etc/passwd", "lies outside the document's folder", "move it beneath"),
        ("file:///etc/passwd", "is not read", "copy the file there"),
        ("https://example.com/a.yaml#/A", "is not read", "copy the file there"),
        ("//example.com/a.yaml", "is not read", "copy the file there"),
        ("a" * 5000, "is not the name of a file", ""),
        ("a%00b", "is not the name of a file", ""),
        ("", "", ""),
        ("#/components/schemas/NewGuest/properties/email", "this reference leads back to itself", ""),
        ("#/info", "'version' is not a keyword", ""),
        ("#/info/title", "leads to no schema, but to 'A guest book'", ""),
    ],
)
def test_a_reference_that_leads_nowhere_good_is_refused(flaws_of, tmp_path, reference, message, hint):
    (tmp_path / "secret.yaml").write_text("type: string")

    flaws = flaws_of(email_of(f"{{$ref: '{reference}'}}"))

    assert any(message in flaw.message and hint in flaw.hint for flaw in flaws), told(flaws)


def test_a_reference_is_told_at_its_line(flaws_of):
    (flaw,) = flaws_of(email_of("{$ref: '#/components/schemas/Gest'}"))

    assert (flaw.line, flaw.column) == (54, 17)
    assert str(flaw).splitlines()[1:] == [
        "  '#/components/schemas/Gest' leads nowhere: there is no 'Gest'",
        "  did you mean 'Guest'?",
    ]


def test_references_in_a_circle_are_refused(flaws_of):
    circle = "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n    NewGuest:"

    flaws = flaws_of(edited(SMALL, ("    NewGuest:", circle)))

    assert {flaw.message for flaw in flaws} == {"this reference leads back to itself"}


@pytest.mark.parametrize(
    "branch", ["anyOf: [{type: string}, {$ref: '#/components/schemas/Tree'}]", "items: {$ref: '#/components/schemas/Tree'}"]
)
def test_a_schema_may_refer_to_itself_inside(load, branch):
    text = edited(
        SMALL,
        ("    NewGuest:", f"    Tree: {{{branch}}}\n    NewGuest:"),
        (EMAIL, f"{EMAIL}\n        tree: {{$ref: '#/components/schemas/Tree'}}"),
    )

    assert load(
        edited(text, ("        note: {type: string, maxLength: 5}", "        tree: {$ref: '#/components/schemas/Tree'}"))
    )


def test_a_link_out_of_the_folder_is_refused(flaws_of, write, tmp_path):
    (tmp_path / "secret.yaml").write_text("type: string")
    write(SMALL)
    (tmp_path / "api" / "link.yaml").symlink_to(tmp_path / "secret.yaml")

    (flaw,) = flaws_of(email_of("{$ref: link.yaml}"))

    assert "lies outside the document's folder" in flaw.message


def test_links_in_a_circle_are_no_file(flaws_of, write, tmp_path):
    write(SMALL)
    (tmp_path / "api" / "a.yaml").symlink_to(tmp_path / "api" / "a.yaml")

    (flaw,) = flaws_of(email_of("{$ref: a.yaml}"))

    assert "a.yaml" in flaw.message


def test_no_reference_ever_opens_a_connection(flaws_of, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("a connection was opened"))
    part = "Email: {type: string}\n$defs: {Other: {$ref: 'http://127.0.0.1:1/x.yaml'}}\n"

    flaws = flaws_of(email_of("{$ref: 'part.yaml#/Email'}"), files={"part.yaml": part})

    assert "the schemas cannot be compiled" in flaws[0].message


PARTS = {
    "parts/guest.yaml": "type: object\nrequired: [email]\nproperties:\n  email: {$ref: '../schemas.yaml#/Email'}\n  nick: {$ref: '#/$defs/Nick'}\n$defs: {Nick: {type: string}}",
    "schemas.yaml": "Email: {$ref: 'my%20parts/email.yaml'}",
    "my parts/email.yaml": "{type: string, minLength: 1}",
}


def test_schemas_may_stand_in_files_beneath_the_folder(load):
    contract = load(edited(SMALL, (NEW_GUEST, "            schema: {$ref: 'parts/guest.yaml'}")), files=PARTS)

    (check,) = contract.operations[0].body.checks.values()
    assert [violation.pointer for violation in check.violations({"email": "", "nick": 1}, None)] == ["/email", "/nick"]
    assert [path.name for path in contract.document.paths_read()] == ["api.yaml", "guest.yaml", "schemas.yaml", "email.yaml"]


def test_the_document_and_its_parts_may_have_spaces_and_accents_in_their_names(load):
    text = edited(SMALL, (NEW_GUEST, "            schema: {$ref: 'g%C3%A4ste.yaml#/components/schemas/NewGuest'}"))

    assert load(text, name="gäste.yaml").operations[0].body


PATH_ITEM = """
get:
  parameters: [{name: id, in: path, required: true, schema: {type: string}}]
  responses: {'200': {$ref: 'other.yaml#/Answer'}}
  x-behaviour: [{find: Guest, where: {id: $request.path.id}}]
"""
ANSWER = """
Answer:
  description: A guest.
  content:
    application/json:
      schema: {$ref: 'api.yaml#/components/schemas/Guest'}
      examples: {one: {$ref: 'other.yaml#/Example'}}
Example:
  value: {id: '1', email: a@b, age: null, since: '2026-01-15T09:30:00Z'}
"""


def test_path_items_answers_and_examples_may_stand_in_other_files(load):
    text = edited(SMALL, ("components:\n", "  /visitors/{id}: {$ref: item.yaml}\ncomponents:\n"))

    contract = load(text, files={"item.yaml": PATH_ITEM, "other.yaml": ANSWER})

    (operation,) = (operation for operation in contract.operations if operation.path == "/visitors/{id}")
    assert operation.responses["200"].content[0].examples["one"]["email"] == "a@b"


@pytest.mark.parametrize(
    ("file", "edit", "pointer", "message"),
    [
        ("item.yaml", ("get:", "gett:"), "/gett", "'gett' is not known here"),
        ("item.yaml", ("in: path", "in: pat"), "/get/parameters/0/in", '"pat" is not one of'),
        ("item.yaml", ("x-behaviour", "x-behavior"), "/get/x-behavior", "'x-behavior' is not known"),
        ("item.yaml", ("find:", "fnd:"), "/get/x-behaviour/0", "'fnd' is not a verb"),
        ("other.yaml", ("  description: A guest.\n", ""), "/Answer", "'description' is missing"),
        ("other.yaml", ("examples:", "exmples:"), "/Answer/content/application~1json/exmples", "is not known here"),
        (
            "other.yaml",
            ("schema:", "schema: {type: strin}\n      x-y:"),
            "/Answer/content/application~1json/schema/type",
            "'strin' is not a type",
        ),
        ("other.yaml", ("age: null", "age: x"), "/Example/value", "this example does not fit its schema"),
        ("other.yaml", ("Example:\n", "Example: [\n"), "", ""),
    ],
)
def test_flaws_in_other_files_are_told_with_file_and_line(flaws_of, file, edit, pointer, message):
    text = edited(SMALL, ("components:\n", "  /visitors/{id}: {$ref: item.yaml}\ncomponents:\n"))
    files = {"item.yaml": PATH_ITEM, "other.yaml": ANSWER}
    files[file] = edited(files[file], edit)

    flaws = flaws_of(text, files=files)

    assert any(f.file.endswith(file) and f.pointer == pointer and message in f.message and f.line > 1 for f in flaws), told(
        flaws
    )


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("{name: id, in: path, required: true, schema: {type: string}}", "{$ref: '#/info'}"),
        (GONE, "'204': {$ref: '#/info'}"),
        (GONE, "'204': {$ref: '#/info/title'}"),
        (GONE, "'204': {$ref: '#/components/schemas'}"),
        (GONE, "default: {$ref: '#/nowhere'}"),
    ],
)
def test_a_reference_to_something_of_another_kind_is_refused(flaws_of, place, what):
    assert flaws_of(edited(SMALL, (place, what)))


@pytest.mark.parametrize(
    "name", ["value", "default", "example", "enum", "const", "schema", "x-when", "x-token", "properties", "items"]
)
def test_a_property_may_have_any_name_and_its_schema_counts(flaws_of, load, name):
    property_schema = (
        f"\n        {name}: {{$ref: '#/components/schemas/%s', x-when: {{known-guest: {{keep: {{minLength: 3}}}}}}}}"
    )

    (flaw,) = flaws_of(edited(SMALL, (EMAIL, EMAIL + property_schema % "Nobody")))
    contract = load(
        edited(SMALL, (EMAIL, EMAIL + property_schema % "Text"), ("    NewGuest:", "    Text: {type: string}\n    NewGuest:"))
    )
    check = contract.operations[0].body.checks["application/json"]

    assert flaw.message == "'#/components/schemas/Nobody' leads nowhere: there is no 'Nobody'"
    assert [violation.pointer for violation in check.violations({"email": "a", name: 7}, None)] == [f"/{name}"]
    assert not check.strictest.is_valid({"email": "a", name: "ab"})


@pytest.mark.parametrize("name", ["default", "x-rate-limit", "value", "schema"])
def test_a_header_may_have_any_name_and_its_schema_counts(flaws_of, name):
    text = edited(SMALL, (GONE, f"'204': {{description: Gone., headers: {{{name}: {{schema: {{tpe: string}}}}}}}}"))

    (flaw,) = flaws_of(text)

    assert flaw.pointer == f"/paths/~1guests~1{{id}}/delete/responses/204/headers/{name}/schema/tpe"


@pytest.mark.parametrize(
    ("schema", "keyword", "message", "hint"),
    [
        ("{type: string, nullable: true}", "nullable", "OpenAPI 3.1 has no `nullable`", "type: [string, 'null']"),
        ("{type: string, minLenght: 1}", "minLenght", "'minLenght' is not a keyword", "did you mean 'minLength'?"),
        ("{type: string, additionalItems: {}}", "additionalItems", "is not a keyword", ""),
        ("{type: strng}", "type", "'strng' is not a type", "did you mean 'string'?"),
        ("{type: int}", "type", "'int' is not a type", "did you mean 'integer'?"),
        ("{type: [string, nul]}", "type", "", ""),
        ("{type: string, pattern: '('}", "pattern", "'(' is not a regular expression", "ECMA-262"),
        ("{type: string, minLength: -1}", "minLength", "-1 is less than the minimum of 0", ""),
        ("{type: object, required: [{}]}", "required/0", 'is not of type "string"', ""),
        ("{type: object, required: email}", "required", 'is not of type "array"', ""),
        ("{type: object, properties: [a]}", "properties", 'is not of type "object"', ""),
        ("{anyOf: [string]}", "anyOf/0", "a schema has to be a mapping, not 'string'", ""),
        ("{$ref: 7}", "$ref", '7 is not of type "string"', ""),
        ("{$id: 'http://example.com/a', type: string}", "$id", "'$id' is not supported", "a JSON Pointer"),
        ("{$anchor: a, type: string}", "$anchor", "'$anchor' is not supported", "a JSON Pointer"),
        ("{$schema: 'http://json-schema.org/draft-07/schema#'}", "$schema", "'$schema' is not supported", ""),
    ],
)
def test_a_schema_that_would_silently_check_nothing_is_refused(flaws_of, schema, keyword, message, hint):
    flaws = flaws_of(email_of(schema))

    pointer = f"/components/schemas/NewGuest/properties/email/{keyword}"
    assert any((f.pointer, message in f.message, hint in f.hint, f.line) == (pointer, True, True, 54) for f in flaws), told(
        flaws
    )


@pytest.mark.parametrize("schema", ["string", "[string]", "3", "null"])
def test_a_schema_that_is_no_mapping_is_told_once(flaws_of, schema):
    (flaw,) = flaws_of(email_of(schema))

    assert flaw.message.startswith("a schema has to be a mapping, not ")


@pytest.mark.parametrize("schema", ["true", "{}"])
def test_a_schema_may_let_everything_through(load, schema):
    note = ("note: {type: string, maxLength: 5}", "note: true")

    assert load(edited(SMALL, ("nick: {type: string}", f"note: {schema}"), note))


@pytest.mark.parametrize(
    ("edit", "pointer", "message", "hint"),
    [
        (("x-resource", "x-ressource"), "/components/schemas/Guest/x-ressource", "is not known", "did you mean 'x-resource'?"),
        (("info:", "x-assumption: {}\ninfo:"), "/x-assumption", "is not known", "did you mean 'x-assumptions'?"),
        (
            (GONE, "'204': {description: Gone., x-when: {}}"),
            "/paths/~1guests~1{id}/delete/responses/204/x-when",
            "means nothing here",
            "in a schema of a request",
        ),
        (
            ("  /guests:\n", "  /guests:\n    x-behaviour: []\n"),
            "/paths/~1guests/x-behaviour",
            "means nothing here",
            "it stands in an operation",
        ),
        (("info: {", "info: {x-resource: {}, "), "/info/x-resource", "means nothing here", "under /components/schemas"),
        (
            (EMAIL, "        email: {type: string, x-resource: {}}"),
            "/components/schemas/NewGuest/properties/email/x-resource",
            "means nothing here",
            "",
        ),
        (("  /guests:\n", "  x-behaviour: []\n  /guests:\n"), "/paths/x-behaviour", "means nothing here", ""),
        (
            ("      responses:\n        '204'", "      responses:\n        x-source: assumed\n        '204'"),
            "/paths/~1guests~1{id}/delete/responses/x-source",
            "means nothing here",
            "it stands in a response",
        ),
    ],
)
def test_an_extension_that_is_misspelt_or_misplaced_is_refused(flaws_of, edit, pointer, message, hint):
    flaws = flaws_of(edited(SMALL, edit))

    assert any((f.pointer, message in f.message, hint in f.hint) == (pointer, True, True) for f in flaws), told(flaws)


def test_extensions_of_others_are_left_alone(flaws_of):
    assert flaws_of(edited(SMALL, ("info: {", "x-logo: {x-when: 1}\ninfo: {x-api-id: 7, "))) == ()


def in_a_file(name):
    """Return the small document whose resource stands in another file, and that file."""
    head, _, guest = SMALL.partition("    Guest:\n")
    return head + f"    {name}: {{$ref: guest.yaml}}\n", {"guest.yaml": "\n".join(line[6:] for line in guest.splitlines())}


def test_a_resource_may_stand_in_a_file_of_its_own(load):
    contract = load(*in_a_file("Guest"))

    assert contract.resources["Guest"].key == ("email",)


def test_a_resource_in_a_file_has_one_name(flaws_of):
    text, files = in_a_file("Guest")
    (flaw,) = flaws_of(text + "    Visitor: {$ref: guest.yaml}\n", files)

    assert (flaw.pointer, flaw.message) == (
        "/components/schemas/Visitor/$ref",
        "Guest and Visitor are one resource, and it can have one name only",
    )
    assert "$ref: '#/components/schemas/Guest'" in flaw.hint
