from __future__ import annotations

import pytest

from mock_server.contract.bundled import bundled
from mock_server.contract.files.flaws import FlawedInput
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

DOCUMENT = """\
openapi: 3.1.0
info: {title: A guest book, versoin: '1'}
security: [{tokn: []}]
x-assumptions:
  known-guest:
    choices: {keep: The guest stays., replace: The guest is replaced.}
    default: kep
    why: What becomes of a known guest is not said.
paths:
  /guests:
    post:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/NewGest'}}}
      responses:
        '200': {$ref: '#/components/responses/Guest'}
      x-behaviour:
        - find-or-create: Guest
          from: $request.body
          when-found: {assumption: known-guset}
  /guests/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: strng}}
    get:
      responses:
        '200': {$ref: '#/components/responses/Guest'}
      x-behaviour:
        - fnd: Guest
          where: {id: $request.path.id}
    delete:
      responses:
        '204': {descripton: Gone.}
      x-behaviour:
        - delete: Gest
          where: {id: $request.path.id}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  responses:
    Guest:
      description: The guest.
      content: {application/json: {schema: {$ref: '#/components/schemas/Guest'}, example: {id: 1, email: ada}}}
  schemas:
    NewGuest:
      type: object
      required: [email]
      properties: {email: {type: string, minLenght: 1}}
    Guest:
      type: object
      required: [id, email]
      properties:
        id: {type: string}
        email: {type: string}
      x-resource: {owner: organization, key: [emial]}
x-problems: {not-fuond: {status: 404}}
"""
"""One mistake of every kind, each beside parts that depend on it and are right."""

SEED = """\
organizations:
  acme:
    tokens: [a b]
    resources:
      Guest: [{id: 1, email: ada}]
      Gust: []
"""
FAULTS = "faults: [{status: 503, match: {organization: acm}}, {brake: close}]"

TOLD = [
    ("--assume", 0, "", "'x' is not a choice of known-guest", "it may be one of: keep, replace"),
    ("api.yaml", 2, "/info/versoin", "'versoin' is not known here", "did you mean 'version'?"),
    ("api.yaml", 3, "/security/0/tokn", "there is no security scheme 'tokn'", "did you mean 'token'?"),
    ("api.yaml", 7, "/x-assumptions/known-guest/default", "'kep' is not one of the choices", "did you mean 'keep'?"),
    (
        "api.yaml",
        13,
        "/paths/~1guests/post/requestBody/content/application~1json/schema/$ref",
        "'#/components/schemas/NewGest' leads nowhere: there is no 'NewGest'",
        "did you mean 'NewGuest'?",
    ),
    (
        "api.yaml",
        19,
        "/paths/~1guests/post/x-behaviour/0/when-found/assumption",
        "there is no assumption 'known-guset'",
        "did you mean 'known-guest'?",
    ),
    ("api.yaml", 22, "/paths/~1guests~1{id}/parameters/0/schema/type", "'strng' is not a type", "did you mean 'string'?"),
    ("api.yaml", 27, "/paths/~1guests~1{id}/get/x-behaviour/0", "'fnd' is not a verb", "did you mean 'find'?"),
    (
        "api.yaml",
        31,
        "/paths/~1guests~1{id}/delete/responses/204/descripton",
        "'descripton' is not known here",
        "did you mean 'description'?",
    ),
    ("api.yaml", 33, "/paths/~1guests~1{id}/delete/x-behaviour/0/delete", "'Gest' is not a resource", "did you mean 'Guest'?"),
    (
        "api.yaml",
        40,
        "/components/responses/Guest/content/application~1json/example",
        'this example does not fit its schema (/id): this value is not of type "string"',
        "",
    ),
    (
        "api.yaml",
        45,
        "/components/schemas/NewGuest/properties/email/minLenght",
        "'minLenght' is not a keyword of JSON Schema",
        "did you mean 'minLength'?",
    ),
    ("api.yaml", 52, "/components/schemas/Guest/x-resource/key/0", "Guest has no field 'emial'", "did you mean 'email'?"),
    ("api.yaml", 53, "/x-problems/not-fuond", "'not-fuond' is not a kind of problem", "did you mean 'not-found'?"),
    ("faults.yaml", 1, "/faults/1/brake", "'brake' is not known here", "did you mean 'break'?"),
    ("profile.yaml", 1, "/assumptions/known-gest", "there is no assumption 'known-gest'", "did you mean 'known-guest'?"),
    ("seed.yaml", 3, "/organizations/acme/tokens/0", "a token is ASCII text without white space", ""),
    ("seed.yaml", 5, "/organizations/acme/resources/Guest/0/id", 'this value is not of type "string"', ""),
    ("seed.yaml", 6, "/organizations/acme/resources/Gust", "'Gust' is not a resource of the contract", "did you mean 'Guest'?"),
]


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


def test_mistakes_that_are_too_many_to_list_are_counted_once(tmp_path):
    document = bundled("openapi.yaml").read_text()
    head, schemas, rest = document.partition("\n  schemas:\n")
    write(tmp_path, api=head + schemas + "".join(f"    Bad{number}: {{type: strng}}\n" for number in range(250)) + rest)

    with pytest.raises(FlawedInput) as caught:
        Mock.from_settings(Settings(tmp_path / "api.yaml", strict=True))

    assert len(caught.value.flaws) + caught.value.unlisted == 250


def test_mistakes_in_all_files_and_options_are_told_at_once_each_once(tmp_path):
    write(tmp_path, api=DOCUMENT, seed=SEED, profile="assumptions: {known-gest: keep}", faults=FAULTS)
    document, *others = (tmp_path / f"{name}.yaml" for name in ("api", "seed", "profile", "faults"))
    settings = Settings(document, seed=others[0], profile=others[1], faults=others[2], assume=("known-guest=x",), strict=True)

    with pytest.raises(FlawedInput) as caught:
        Mock.from_settings(settings)

    assert [
        (flaw.file.rpartition("/")[2], flaw.line, flaw.pointer, flaw.message, flaw.hint) for flaw in caught.value.flaws
    ] == TOLD
