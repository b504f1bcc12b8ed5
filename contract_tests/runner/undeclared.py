"""The phase about operations without a declared behaviour: what they answer has to be documented, and nothing may break."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

from schemathesis.core import NOT_SET

from contract_tests.runner.player import Played, Player
from contract_tests.runner.searching import Generation, Sender, is_json_value
from contract_tests.runner.session import Session
from contract_tests.scenarios.builder import ScenarioBuilder, playable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import OMITTED, Scenario
from contract_tests.scenarios.undeclared_cases import SAFE, UndeclaredCases, takes_anything
from mock_server.contract.model import Operation

WRITABLE = re.compile(r"[!-~]([ -~]*[!-~])?")
"""What a header or a cookie can hold (RFC 9110 section 5.5)."""

MOST_GENERATED = 600
"""How many requests are generated at most for all operations together, as long as each has one of each kind."""


def hold_undeclared(session: Session) -> None:
    """Call every operation without a behaviour: as documented, without valid credentials, and with generated requests."""
    settings, subject = session.settings, session.subject
    cases = UndeclaredCases(subject, settings.expired_token)
    asked_for = [one for one in subject.undeclared if not settings.is_narrow or one.operation.id in settings.operations]
    for signature in asked_for:
        for scenario in playable(cases.writers(signature)):
            session.log.look_into(session.player.play(scenario))
    taking = [one for one in asked_for if takes_anything(one.operation)] if settings.generated_bodies else []
    most = max(1, min(settings.budget.generated_bodies, MOST_GENERATED // (2 * len(taking) or 1)))
    generation = Generation(subject.contract, most, settings.random_seed, session.log.causes, session.limits)
    for played in list(generation.search(taking, partial(_sender, session.player, cases))):
        session.log.look_into(played)


def _sender(player: Player, cases: UndeclaredCases, signature: Signature, mode: str) -> Sender:
    """Return what sends one case."""

    def send(case: Any) -> Played | None:
        scenario = _scenario(cases, signature, case, mode)
        return player.play(scenario) if scenario else None

    return send


def _scenario(cases: UndeclaredCases, signature: Signature, case: Any, mode: str) -> Scenario | None:
    """Return the scenario that sends a generated case; None where it cannot be sent.

    What may change something is never sent to an id that was generated: that may be somebody's.
    """
    operation = signature.operation
    path, query = _given(operation, "path", case.path_parameters), _given(operation, "query", case.query)
    headers, cookies = _given(operation, "header", case.headers), _given(operation, "cookie", case.cookies)
    body = OMITTED if case.body is NOT_SET or operation.body is None else case.body
    if not is_json_value([path, query, None if body is OMITTED else body]):
        return None
    if not all(isinstance(one, str) and WRITABLE.fullmatch(one) for one in (*headers.values(), *cookies.values())):
        return None
    if operation.method not in SAFE:
        path = cases.made_up(signature)
    builder = ScenarioBuilder(cases.subject, f"{operation}: a generated request, {mode}")
    builder.call(signature, f"a {mode} request", path=path, unjudged=True)
    planned = builder.requests.pop()
    kept = {name: value for name, value in planned.headers.items() if name == "Accept"}
    builder.requests.append(replace(planned, query=query, headers={**kept, **headers}, cookies=cookies, body=body))
    return builder.scenario()


def _given(operation: Operation, location: str, part: Any) -> dict[str, Any]:
    """Return the generated values of the parameters of a location; credentials are no parameters."""
    names = {one.name.lower() for one in operation.parameters if one.location == location}
    given = {} if part is NOT_SET or part is None else dict(part)
    return {name: value for name, value in given.items() if name.lower() in names}
