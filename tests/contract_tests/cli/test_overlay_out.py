"""What a deployment does is written back into the overlay that was inferred."""

from __future__ import annotations

import orjson
import pytest
from commands import command

from mock_server.engine.loading import load_contract
from mock_server.server.cli import main

DOCUMENT = """\
openapi: 3.1.0
info: {title: People, version: '1'}
paths:
  /people:
    get:
      responses:
        '200':
          description: People.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Person'}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewPerson'}}}}
      responses:
        '201': {description: A person., content: {application/json: {schema: {$ref: '#/components/schemas/Person'}}}}
        '409': {description: The email is taken.}
        '422': {description: Invalid.}
  /people/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: A person., content: {application/json: {schema: {$ref: '#/components/schemas/Person'}}}}
        '404': {description: None.}
components:
  schemas:
    NewPerson: {type: object, required: [email], properties: {email: {type: string, minLength: 1}}}
    Person: {type: object, required: [id, email], properties: {id: {type: string}, email: {type: string, minLength: 1}}}
"""


@pytest.fixture
def serve(serve_in_thread):
    return serve_in_thread


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    assert main(["infer", "api.yaml", "-o", "api.overlay.yaml"], {}) == 0
    return tmp_path


def observed(folder, url, document="api.overlay.yaml", out="api.overlay.yaml"):
    return command("observe", document, "--url", url, "--overlay-out", out, cwd=folder)


def test_a_settled_guess_is_the_default_from_then_on_and_its_evidence_a_comment(folder, serve):
    before = (folder / "api.overlay.yaml").read_text()
    assert load_contract(folder / "api.overlay.yaml").defaults() == {"person-email-taken": "conflict"}

    said = observed(folder, serve("api.overlay.yaml", "--assume", "person-email-taken=allow").url)

    text = (folder / "api.overlay.yaml").read_text()
    assert said.code == 0, said
    assert text.startswith(before)
    assert text[len(before) :].startswith("  # Observed 20")
    assert "POST /people" in text[len(before) :]
    assert load_contract(folder / "api.overlay.yaml").defaults() == {"person-email-taken": "allow"}


def test_what_is_observed_again_takes_the_place_of_what_was(folder, serve):
    observed(folder, serve("api.overlay.yaml", "--assume", "person-email-taken=allow").url)
    once = (folder / "api.overlay.yaml").read_text().splitlines()

    said = observed(folder, serve("api.overlay.yaml", "--assume", "person-email-taken=conflict").url)

    text = (folder / "api.overlay.yaml").read_text()
    assert said.code == 0, said
    assert len(text.splitlines()) == len(once)
    assert load_contract(folder / "api.overlay.yaml").defaults() == {"person-email-taken": "conflict"}


def test_an_overlay_is_written_beside_a_document_that_is_none(folder, serve):
    (folder / "whole.json").write_bytes(_whole(folder))
    url = serve("whole.json", "--assume", "person-email-taken=allow").url

    for _ in range(2):  # the second time, it is there
        said = observed(folder, url, "whole.json", "observed.overlay.yaml")

        assert said.code == 0, said
        text = (folder / "observed.overlay.yaml").read_text()
        assert text.count("- target:") == 1
        assert load_contract(folder / "observed.overlay.yaml").defaults() == {"person-email-taken": "allow"}


def test_a_document_is_never_overwritten_by_an_overlay(folder, serve):
    (folder / "whole.json").write_bytes(_whole(folder))

    said = observed(folder, serve("whole.json").url, "whole.json", "whole.json")

    assert said.code == 2
    assert "whole.json is not an overlay" in said.errors


def test_where_nothing_is_settled_nothing_is_written(folder, serve):
    (folder / "plain.yaml").write_text(DOCUMENT)

    said = observed(folder, serve("plain.yaml").url, "plain.yaml", "nothing.yaml")

    assert "nothing was settled" in said.errors
    assert not (folder / "nothing.yaml").exists()


def _whole(folder):
    """Return the document that the overlay makes, as a file of its own."""
    return orjson.dumps(load_contract(folder / "api.overlay.yaml").document.main.value)
