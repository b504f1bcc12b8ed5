"""Which requests are written for operations without a behaviour."""

from __future__ import annotations

import pytest

from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import FromResponse, Tagged
from contract_tests.scenarios.undeclared_cases import UndeclaredCases
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract

MANY = """\
openapi: 3.1.0
info: {title: Many, version: '1'}
security: [{bearer: []}]
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
paths:
"""
THINGS = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    get:
      responses: {'200': {description: ., content: {application/json: {schema: {properties: {data: {items: &thing
        {properties: {id: {type: string}}}}}}}}}}
    post: {responses: {'201': {description: ., content: {application/json: {schema: *thing}}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: real}]
    get: {responses: {'200': {description: .}}}
    delete: {responses: {'204': {description: .}}}
"""


@pytest.fixture
def cases(tmp_path):
    def cases_of(text):
        path = tmp_path / "api.yaml"
        path.write_text(text)
        return UndeclaredCases(Subject.of(load_contract(path), (Tenant("a", "acme-token"),)))

    return cases_of


def test_of_many_operations_each_is_called_without_a_token_and_all_together_in_every_wrong_way(cases):
    written = cases(MANY + "".join(f"  /{n}: {{get: {{responses: {{'200': {{description: .}}}}}}}}\n" for n in range(20)))

    notes = [{planned.note for planned in written.tokens(one).requests} for one in written.subject.undeclared]

    assert all({"without a token", "an unknown token"} <= tried for tried in notes)
    assert max(map(len, notes[8:])) <= 4 < min(map(len, notes[:6]))
    assert set.union(*notes[8:]) == notes[0]


def test_what_may_remove_something_names_no_record_but_one_that_the_run_made(cases):
    written = cases(THINGS)
    remove, read = (
        next(
            one for one in written.subject.undeclared if (one.operation.method, one.operation.path) == (method, "/things/{id}")
        )
        for method in ("DELETE", "GET")
    )

    removed = [planned for planned in written.documented(remove).requests if planned.operation is remove.operation]
    seen = [planned.path["id"] for planned in written.documented(read).requests if planned.operation is read.operation]

    assert {type(planned.path["id"]) for planned in removed} == {Tagged, FromResponse}
    assert [planned.operation.method for planned in written.documented(remove).requests].count("POST") == 1
    assert seen[0] == "real"
    assert {one.pointer for one in seen if isinstance(one, FromResponse)} == {"/id", "/data/0/id"}
