"""A step that is done for each element of a list in the body."""

from __future__ import annotations

from mock_server.contract.files.source import pointer_to
from mock_server.contract.problems import Refused
from mock_server.contract.step_rules import Each
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.outcomes import Several
from mock_server.engine.scope import ITEM, Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT


def for_each(each: Each, perform: Perform, scope: Scope) -> Perform:
    """Return what performs a step for each element of a list, and comes to the list of what that came to.

    Where one is refused, all are, or it alone, as the step says.
    """
    elements, place = scope.expression(each.of), pointer_to(*each.of.tokens)
    when_one_fails = settler(each.when_one_fails)

    def perform_each(execution: Execution) -> list[Record]:
        listed, several = elements(execution), Several()
        for number, element in enumerate(listed if isinstance(listed, list) else ()):
            execution.item = element
            mark, made = execution.store.mark(), len(execution.made)
            try:
                result = perform(execution)
            except Refused as refused:
                told = _placed(refused, place + pointer_to(number))
                if when_one_fails(execution.choices) != "report":
                    raise told from None
                execution.store.undo(mark)
                del execution.made[made:]
                several.outcomes.append(told)
                continue
            if result is not None:
                several.append(result)
                several.outcomes.append(result)
        execution.item = ABSENT
        return several

    return perform_each


def _placed(refused: Refused, place: str) -> Refused:
    """Return the refusal of one element, told where it stands."""
    violations = tuple(
        violation._replace(location="body", pointer=place + violation.pointer) if violation.location == ITEM else violation
        for violation in refused.violations
    )
    return Refused(refused.kind, refused.detail, violations, headers=refused.headers, status=refused.status)
