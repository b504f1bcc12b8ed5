from __future__ import annotations

import json

import pytest
from independent.sayings import DOCUMENT, OTHER, SAME
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contract_tests.oracle.ways_of_saying import says_same
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Tenant
from mock_server.engine.loading import load_contract


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    path = tmp_path_factory.mktemp("things") / "things.yaml"
    path.write_text(DOCUMENT)
    return load_contract(path, strict=True)


@pytest.mark.parametrize(("row", "field", "sent", "shown"), SAME)
def test_other_words_for_the_same(things, row, field, sent, shown):
    assert says_same(things.resources["Thing"].fields[field].schema, sent, shown)


@pytest.mark.parametrize(("row", "field", "sent", "shown"), OTHER)
def test_other_values(things, row, field, sent, shown):
    assert not says_same(things.resources["Thing"].fields[field].schema, sent, shown)


@pytest.mark.parametrize(("status", "verdict"), [(200, "conforms"), (201, "conforms"), (202, "broken")])
def test_of_two_documented_statuses_either_is_right_where_nothing_says_which(things, status, verdict):
    made = []

    async def add(request):
        if request.headers.get("authorization") not in ("Bearer home-token", "Bearer away-token"):
            return JSONResponse({}, 401)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse({}, 400)
        made.append(body)
        return JSONResponse({**body, "id": f"thing-{len(made)}"}, status)

    target = AppTarget(Starlette(routes=[Route("/things", add, methods=["POST"])]))
    tenants = (Tenant("home", "home-token", {}), Tenant("away", "away-token", {}))
    try:
        outcome = hold_to(things, target, RunSettings(tenants, budget=Budget("none", 0, 0, 0), max_requests=20))
    finally:
        target.close()

    assert outcome.verdict == verdict, outcome.findings
