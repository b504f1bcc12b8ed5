from __future__ import annotations

import json

import pytest

from mock_server.server.cli import main

DOCUMENT = """\
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    get:
      responses: {'200': {description: Notes., content: {application/json: {schema: {$ref: '#/components/schemas/Notes'}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewNote'}}}}
      responses: {'201': {description: A note., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: A note., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '404': {description: None.}
    delete:
      responses: {'204': {description: Gone.}, '404': {description: None.}}
components:
  schemas:
    NewNote: {type: object, required: [text], properties: {text: {type: string}}}
    Notes: {type: array, items: {$ref: '#/components/schemas/Note'}}
    Note: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
"""

PROPOSED = """\
# What Notes does, as far as its paths, schemas and examples tell; each action is a guess, with its reasons above it.
# Change what is wrong and remove what is not wanted: `mock-server infer --update` adds what is new and leaves the rest alone.
overlay: 1.0.0
info: {title: What Notes does, version: '1'}
extends: api.yaml
x-inferred: [Note, GET /notes, POST /notes, 'GET /notes/{noteId}', 'DELETE /notes/{noteId}']
actions:
  # Note: POST /notes makes one
  - target: $.components.schemas.Note
    update: {x-resource: {}}
  - target: $.paths['/notes'].get
    update: {x-behaviour: [{list: Note}]}
  - target: $.paths['/notes'].post
    update: {x-behaviour: [{create: Note, from: $request.body}]}
  - target: $.paths['/notes/{noteId}'].get
    update: {x-behaviour: [{find: Note, where: {id: $request.path.noteId}}]}
  - target: $.paths['/notes/{noteId}'].delete
    update: {x-behaviour: [{delete: Note, where: {id: $request.path.noteId}}]}
"""


@pytest.fixture
def serve(serve_in_thread):
    return serve_in_thread


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_overlay_that_is_proposed_is_printed(folder, capsys):
    assert main(["infer", "api.yaml"], {}) == 0

    assert capsys.readouterr().out == PROPOSED


def test_the_overlay_is_written_once_and_is_the_same_in_every_run(folder, capsys):
    assert main(["infer", "api.yaml", "-o", "api.overlay.yaml"], {}) == 0
    assert main(["infer", "api.yaml", "-o", "api.overlay.yaml"], {}) == 0

    assert (folder / "api.overlay.yaml").read_text() == PROPOSED
    assert "4 of 4 operations get a behaviour" in capsys.readouterr().out


def test_a_file_that_was_edited_is_not_overwritten(folder, capsys):
    edited = PROPOSED + "# Mine.\n"
    (folder / "api.overlay.yaml").write_text(edited)

    assert main(["infer", "api.yaml", "-o", "api.overlay.yaml"], {}) == 2
    assert "add what is new with --update" in capsys.readouterr().err
    assert main(["infer", "api.overlay.yaml", "--update"], {}) == 0
    assert (folder / "api.overlay.yaml").read_text() == edited


def test_an_overlay_has_to_be_where_it_can_extend_the_document(folder, capsys):
    (folder / "beneath").mkdir()

    assert main(["infer", "api.yaml", "-o", "beneath/api.overlay.yaml"], {}) == 2
    assert "has to be in the folder of api.yaml or above it" in capsys.readouterr().err


def test_an_update_needs_to_know_what_to_update(folder, capsys):
    assert main(["infer", "api.yaml", "--update"], {}) == 2
    assert "--update needs the overlay to add to" in capsys.readouterr().err


def test_a_crud_document_is_stateful_at_once_with_infer(folder, serve):
    with serve("--infer", "api.yaml").client() as client:
        note = client.post("/notes", json={"text": "One"})
        assert note.status_code == 201
        id = note.json()["id"]

        assert client.get("/notes").json() == [{"id": id, "text": "One"}]
        assert client.get(f"/notes/{id}").json()["text"] == "One"
        assert client.delete(f"/notes/{id}").status_code == 204
        assert client.get(f"/notes/{id}").status_code == 404
        assert client.get("/notes").json() == []


def test_a_start_tells_that_operations_would_keep_state(folder, serve_process):
    served = serve_process("api.yaml", cwd=folder)

    assert served.wait_for("look like CRUD") == "4 operations look like CRUD and would keep state with --infer."


def test_several_documents_are_each_inferred(folder, serve):
    (folder / "other.yaml").write_text(DOCUMENT.replace("Notes", "Memos", 1))

    with serve("--infer", "--mount", "/a=api.yaml", "--mount", "/b=other.yaml").client() as client:
        assert client.post("/a/notes", json={"text": "One"}).status_code == 201
        assert client.post("/b/notes", json={"text": "Two"}).status_code == 201
        assert [note["text"] for note in client.get("/a/notes").json()] == ["One"]


def test_the_inferred_behaviours_are_explained(folder, capsys):
    assert main(["explain", "--infer", "api.yaml"], {}) == 0

    assert "1. create Note" in capsys.readouterr().out


def test_a_document_without_crud_gets_nothing_proposed(folder, capsys):
    value = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}
    (folder / "empty.json").write_text(json.dumps(value))

    assert main(["infer", "empty.json"], {}) == 0
    assert "0 of 0 operations get a behaviour" in capsys.readouterr().out
