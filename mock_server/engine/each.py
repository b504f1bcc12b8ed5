"""A step that is done for each element of a list in the body."""

from __future__ import annotations

from mock_server.contract.files.source import pointer_to
from mock_server.contract.problems import Refused
from mock_server.contract.step_rules import Each
from mock_server.engine.execution import Execution
from mock_server.engine.scope import ITEM, Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT


def for_each(each: Each, perform: Perform, scope: Scope) -> Perform:
    """Return what performs a step for each element of a list, and comes to the list of what that came to.

    Where one is refused, all are.
    """
    elements, place = scope.expression(each.of), pointer_to(*each.of.tokens)

    def perform_each(execution: Execution) -> list[Record]:
        listed, results = elements(execution), []
        for number, element in enumerate(listed if isinstance(listed, list) else ()):
            execution.item = element
            try:
                result = perform(execution)
            except Refused as refused:
                raise _placed(refused, place + pointer_to(number)) from None
            if result is not None:
                results.append(result)
        execution.item = ABSENT
        return results

    return perform_each


def _placed(refused: Refused, place: str) -> Refused:
    """Return the refusal of one element, told where it stands."""
    violations = tuple(
        violation._replace(location="body", pointer=place + violation.pointer) if violation.location == ITEM else violation
        for violation in refused.violations
    )
    return Refused(refused.kind, refused.detail, violations, headers=refused.headers, status=refused.status)
