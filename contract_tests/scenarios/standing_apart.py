"""Which scenarios stand apart: they may be played beside others, for what one does is no concern of the other."""

from __future__ import annotations

from collections.abc import Callable

from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import HandedOut, PlannedRequest, Scenario
from mock_server.engine.verbs import Send


def standing_apart(subject: Subject) -> Callable[[Scenario], bool]:
    """Return what says whether a scenario of an API stands apart from all others that do."""
    signatures = {signature.operation.id: signature for signature in subject.signatures}
    handing_out = {one.signature.operation.id for one in subject.issuers} | {
        one.signature.operation.id for one in subject.changers
    }
    tells_others = any(isinstance(step, Send) for step in subject.contract.steps())

    def stands_apart(scenario: Scenario) -> bool:
        if tells_others:
            return False  # a message says too little to tell whose it is
        for planned in scenario.requests:
            signature = signatures.get(planned.operation.id)
            if signature is None or signature.operation.id in handing_out or isinstance(planned.carried, HandedOut):
                return False
            if signature.lists or planned.shared or _is_about_others(signature, planned):
                return False
        return True

    return stands_apart


def _is_about_others(signature: Signature, planned: PlannedRequest) -> bool:
    """Say whether a request may change what its scenario has not made."""
    resource = signature.updates or signature.deletes
    if not resource:
        return False
    slots = [
        slot
        for slot in signature.slots
        if slot.role == "key" or (slot.role == "id" and slot.resource and slot.resource.name == resource)
    ]
    given = {
        "path": planned.path,
        "query": planned.query,
        "header": planned.headers,
        "cookie": planned.cookies,
        "body": planned.body,
    }
    templates = [values.get(slot.name) for slot in slots if isinstance(values := given.get(slot.location), dict)]
    return not any(template is not None and not isinstance(template, (str, int)) for template in templates)
