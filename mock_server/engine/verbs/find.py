"""The verb `find`: look one resource up; say what follows when it is not there, or belongs to another organization."""

from __future__ import annotations

from mock_server.contract.model import Find
from mock_server.engine.lookup import Lookup, looked_up_by
from mock_server.engine.scope import Lookups, Perform, Scope


def lookups(step: Find, resources: object) -> Lookups:
    """Yield the fields by which the step finds records."""
    return looked_up_by(step.resource, step.where)


def compile_find(step: Find, scope: Scope) -> Perform:
    """Compile a step that looks a record up."""
    return Lookup(step.resource, step.where, step.otherwise, step.foreign, scope).record
