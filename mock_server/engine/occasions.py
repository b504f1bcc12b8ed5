"""A step that is done for some requests only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.contract.step_rules import Occasion
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.values import ABSENT, same_value


def on_occasion(occasions: Sequence[Occasion], perform: Perform, nothing: Any, scope: Scope) -> Perform:
    """Return what performs a step where everything is as it has to be, and comes to `nothing` for any other request."""
    if not occasions:
        return perform
    asked = [(scope.expression(one.value), one.among, one.is_among) for one in occasions]

    def perform_or_not(execution: Execution) -> Any:
        for evaluate, among, is_among in asked:
            found = evaluate(execution)
            value = None if found is ABSENT else found
            if any(same_value(value, one) for one in among) is not is_among:
                return nothing
        return perform(execution)

    return perform_or_not
