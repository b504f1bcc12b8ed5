"""Schemathesis reads the document that is held to: overlays, other files and earlier dialects included."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.runner.read_operations import operations_of
from mock_server.engine.loading import load_contract

BASE = """\
swagger: '2.0'
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      parameters: [{name: body, in: body, required: true, schema: {$ref: 'shapes.yaml#/definitions/Note'}}]
      responses: {'200': {description: Kept.}}
"""
SHAPES = "definitions: {Note: {type: object, required: [text], properties: {text: {enum: [short]}}}}\n"
OVERLAY = """\
overlay: 1.0.0
info: {title: More, version: '1'}
extends: notes.yaml
actions:
  - target: $.paths
    update:
      /tags:
        put:
          parameters: [{name: body, in: body, required: true, schema: {type: string, enum: [red]}}]
          responses: {'200': {description: Kept.}}
"""


def test_what_an_overlay_adds_is_read_and_so_are_other_files(tmp_path):
    for name, text in (("notes.yaml", BASE), ("shapes.yaml", SHAPES), ("more.overlay.yaml", OVERLAY)):
        (tmp_path / name).write_text(text)

    operations = operations_of(load_contract(tmp_path / "more.overlay.yaml"))
    strategies = st.fixed_dictionaries({place: operation.as_strategy() for place, operation in operations.items()})
    bodies = {}

    @settings(max_examples=1, database=None)
    @given(strategies)
    def note(cases):
        bodies.update({place: case.body for place, case in cases.items()})

    note()

    assert bodies == {("POST", "/notes"): {"text": "short"}, ("PUT", "/tags"): "red"}
