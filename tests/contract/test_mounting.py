from __future__ import annotations

import httpx
import pytest

from mock_server.contract.documents.mounting import Mount
from mock_server.contract.files.flaws import FlawedInput, Severity
from mock_server.engine.loading import load_contract, read_contract
from mock_server.server.cli import main

CRM = """\
openapi: 3.0.3
info: {title: CRM, version: '1'}
servers: [{url: 'https://crm.example/crm/{version}', variables: {version: {default: v1}}}]
security: [{key: []}]
paths:
  /people:
    post:
      operationId: addPerson
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewPerson'}}}}
      responses: {'201': {description: Made., content: {application/json: {schema: {$ref: '#/components/schemas/Person'}}}}}
      x-behaviour:
        - create: Person
          from: $request.body
          as: person
        - answer: $person
          status: 201
  /people/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: A person., content: {application/json: {schema: {$ref: '#/components/schemas/Person'}}}}}
      x-behaviour:
        - find: Person
          where: {id: $request.path.id}
          as: person
        - answer: $person
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    NewPerson: {type: object, required: [name], properties: {name: {type: string, nullable: true}}}
    Person:
      type: object
      required: [id, name]
      properties: {id: {type: string}, name: {type: string, nullable: true}}
      x-resource: {owner: organization}
"""
BILLING = """\
swagger: '2.0'
info: {title: Billing, version: '2'}
basePath: /billing
paths:
  /people:
    get:
      operationId: addPerson
      responses:
        '200': {description: People., schema: {type: array, items: {$ref: '#/definitions/Person'}}, examples: {application/json: [{debt: 1}]}}
definitions:
  Person: {type: object, required: [debt], properties: {debt: {type: integer, minimum: 0, exclusiveMinimum: true}}}
"""


@pytest.fixture
def documents(tmp_path):
    """The paths of two documents in folders of their own."""
    paths = []
    for name, text in (("crm", CRM), ("billing", BILLING)):
        path = tmp_path / name / f"{name}.yaml"
        path.parent.mkdir()
        path.write_text(text)
        paths.append(path)
    return paths


def test_each_document_is_served_beneath_its_base_path_with_one_state_and_one_console(documents, serve):
    url = serve(*documents).url
    headers = {"Authorization": "Bearer mock-token"}

    made = httpx.post(f"{url}/crm/v1/people", json={"name": None}, headers=headers)
    assert made.status_code == 201
    assert httpx.get(f"{url}/crm/v1/people/{made.json()['id']}", headers=headers).json() == made.json()
    assert httpx.get(f"{url}/crm/v1/people/{made.json()['id']}").status_code == 401
    assert httpx.get(f"{url}/billing/people").json() == [{"debt": 1}]
    assert [entry["path"].split("/")[1] for entry in httpx.get(f"{url}/__admin/requests").json()["requests"]] == [
        "crm",
        "crm",
        "crm",
        "billing",
    ]
    assert httpx.get(url).json()["title"] == "CRM, Billing"
    assert set(httpx.get(f"{url}/openapi.json").json()["paths"]) == {"/crm/v1/people", "/crm/v1/people/{id}", "/billing/people"}


def test_a_mount_goes_before_the_base_path(documents):
    contract = read_contract(Mount.from_text(f"/a={documents[0]}"), Mount.from_text(f"/b/c={documents[1]}"))

    assert [operation.path for operation in contract.operations] == ["/a/people", "/a/people/{id}", "/b/c/people"]


def test_a_component_whose_name_is_taken_goes_by_the_name_of_its_file_as_well(documents):
    contract = read_contract(*documents)
    listed = contract.operations[-1].responses["200"].content[0].schema

    assert listed.items.target.pointer == "/components/schemas/billing_Person"
    assert listed.items.properties.keys() == {"debt"}
    assert contract.resources.keys() == {"Person"}


def test_each_document_is_held_to_its_own_version(documents):
    contract = read_contract(*documents)
    check = contract.schemas.check(contract.operations[-1].responses["200"].content[0].schema)

    assert check.strictest.is_valid([{"debt": 1}])
    assert not check.strictest.is_valid([{"debt": 0}])


def test_a_mistake_is_told_in_the_file_in_which_it_stands(documents):
    documents[1].write_text(BILLING.replace("[{debt: 1}]", "[{debt: 0}]"))
    (flaws, _) = read_contract(*documents).document.flaws.told(Severity.WARNING)
    (flaw,) = [flaw for flaw in flaws if "example" in flaw.message]

    assert flaw.file == str(documents[1])
    assert flaw.line == 9


def test_files_of_each_document_are_found_from_where_it_stands(documents):
    (documents[1].parent / "debt.yaml").write_text("{type: integer, minimum: 5, exclusiveMinimum: true}")
    documents[1].write_text(BILLING.replace("{type: integer, minimum: 0, exclusiveMinimum: true}", "{$ref: debt.yaml}"))
    contract = read_contract(*documents)
    check = contract.schemas.check(contract.operations[-1].responses["200"].content[0].schema)

    assert not check.strictest.is_valid([{"debt": 5}])
    assert check.strictest.is_valid([{"debt": 6}])
    assert documents[1].parent / "debt.yaml" in [path.absolute() for path in contract.document.paths_read()]


def test_two_documents_beneath_one_path_are_refused(documents):
    documents[1].write_text(BILLING.replace("/billing", "/crm/v1"))

    with pytest.raises(FlawedInput, match=r"stands beneath /crm/v1, as crm.yaml does"):
        read_contract(*documents)


def test_an_assumption_that_two_documents_declare_is_refused(documents):
    assumption = "\nx-assumptions: {a: {choices: {b: B, c: C}, default: b, why: Because.}}\n"
    for path in documents:
        path.write_text(path.read_text() + assumption)

    with pytest.raises(FlawedInput, match="'a' is declared by another document too"):
        read_contract(*documents)


def test_a_mount_that_is_no_path_is_told_in_one_line(documents, capsys):
    assert main(["check", "--mount", f"/a b={documents[0]}"], {}) == 2
    assert capsys.readouterr().err == "mock-server: '/a b' is not a path to mount a document at, such as /crm\n"


def test_the_commands_take_several_documents(documents, capsys):
    assert main(["check", "--strict", *map(str, documents)], {}) == 0
    assert "3 operations" in capsys.readouterr().out
    assert main(["explain", "--mount", f"/x={documents[0]}"], {}) == 0
    assert "POST /x/people" in capsys.readouterr().out


NOTES = """\
openapi: 3.1.0
info: {title: %(title)s, version: '1'}
servers: [{url: 'https://x.example/%(title)s'}]
security: [{key: []}]
x-idempotency: {header: Idempotency-Key}
paths:
  /pads:
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {'201': {description: Made., content: {application/json: {schema: {$ref: '#/components/schemas/Pad'}}}}}
      x-behaviour: [{create: Pad, from: $request.body}]
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {pad_id: {type: integer}}}}}}
      responses: {'201': {description: Made., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
      x-behaviour: [{as: note, create: Note, from: $request.body}]
    get:
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Card'}}}}
      x-behaviour: [{list: Note, as: notes}, {answer: {$view: {as: Card, of: $notes}}}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Pad:
      type: object
      properties: {id: {type: integer}, name: {type: string}, notes: {type: integer}}
      x-resource: {owner: organization, computed: {notes: {$count: {of: Note, where: {pad_id: $this.id}}}}}
    Note:
      type: object
      properties: {id: {type: integer}, pad_id: {type: integer}}
      x-resource: {owner: organization, references: {pad_id: {to: Pad, when-unknown: invalid}}}
    Card: {type: object, properties: {id: {type: integer}}, x-view: {of: Note}}
"""


def test_words_of_behaviours_name_the_components_of_their_own_document(tmp_path):
    files = [tmp_path / name for name in ("one.yaml", "two.yaml")]
    for file in files:
        file.write_text(NOTES % {"title": file.stem})

    contract = load_contract(*files, strict=True)

    assert contract.resources["two_Note"].references["pad_id"].to == "two_Pad"
    assert contract.views["two_Card"].resource.name == "two_Note"
    assert [one.path for one in contract.operations if one.idempotency] == ["/one/pads", "/two/pads"]


def test_a_step_that_is_no_mapping_is_told_where_it_stands(tmp_path):
    files = [tmp_path / name for name in ("one.yaml", "two.yaml")]
    for file in files:
        file.write_text((NOTES % {"title": file.stem}).replace("[{create: Pad, from: $request.body}]", "[5]"))

    with pytest.raises(FlawedInput) as told:
        load_contract(*files)

    assert {(flaw.file, flaw.pointer) for flaw in told.value.flaws if flaw.pointer.endswith("/x-behaviour/0")} == {
        (str(file), "/paths/~1pads/post/x-behaviour/0") for file in files
    }
