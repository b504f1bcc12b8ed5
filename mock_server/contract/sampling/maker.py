"""Values made from schemas: valid, readable, and the same for the same seed and request.

A value is built level by level, so that what is left out of a large one is what lies deepest. Then it is held to its schema.
Where that refuses a part, the part is made in the next way that the schema allows, or left out, and all is held to the schema
again.
"""

from __future__ import annotations

from itertools import islice

from mock_server.contract.files.source import Json
from mock_server.contract.sampling.about import About
from mock_server.contract.sampling.building import Attempt, Builder
from mock_server.contract.sampling.merged import Nodes, component_name
from mock_server.contract.sampling.naming import Named, kind_of
from mock_server.contract.sampling.options import OptionTable
from mock_server.contract.sampling.plan import Plan
from mock_server.contract.sampling.reflection import reflected
from mock_server.contract.sampling.repair import Refusal, refusals, repair
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.schemas.compiled import Compiled
from mock_server.contract.schemas.keywords import NOT_SENT, Direction
from mock_server.contract.schemas.schema import Schema, node_of

ATTEMPTS = 50
"""How often a value is built before it is given up."""

MOST_REFUSALS = 50
"""How many refusals are looked at after an attempt."""

DIRECTION: Direction = "response"


class CannotMakeError(Exception):
    """Raised where no valid value was found; says which keyword stands in the way, and where."""


class Maker:
    """Makes values for the schemas of a document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._table = OptionTable(schemas.discriminators.by_place)
        self._plans: dict[tuple[str, str], Plan] = {}

    def make(self, schema: Schema, about: About, name: str = "") -> Json:
        """Return a valid value for `schema`; raise `CannotMakeError` where none was found.

        `name` is what the value is called, where it has a name.
        """
        if schema.place not in self._plans:
            # What is learned of a schema must not depend on who asks first, so it is learned from nobody's request.
            self._plans[schema.place] = self._built(schema, About(), name, Plan())[1]
        attempt, _ = self._built(schema, about, name, self._plans[schema.place])
        return reflected(attempt, about, self._schemas.check(schema, DIRECTION).strictest.is_valid)

    def _built(self, schema: Schema, about: About, name: str, known: Plan) -> tuple[Attempt, Plan]:
        """Return a value that fits, and the plan that led to it."""
        node = node_of(schema)
        nodes: Nodes = (node,)
        named = Named(kind_of(component_name(node) or "") or about.kind, name)
        fitting = self._schemas.check(schema, DIRECTION).strictest
        if self._table.is_endless(nodes):
            raise CannotMakeError(f"{node.pointer} stands in the way: a value would have to contain itself, without an end")
        seed = about.seed_for(node.resolved().place)
        plan = known.copy()
        first: Refusal | None = None
        for _ in range(ATTEMPTS):
            attempt = Builder(self._table, about, plan, hidden=NOT_SENT[DIRECTION]).build(nodes, named, seed)
            if fitting.is_valid(attempt.value):
                return attempt, plan
            refused = _refused(fitting, attempt.value)
            first = first or refused[0]
            changes = [repair(plan, attempt, refusal) for refusal in refused]
            if not any(changes):
                raise CannotMakeError(str(refused[0]))
        raise CannotMakeError(str(first))


def _refused(fitting: Compiled, value: Json) -> list[Refusal]:
    """Return what a schema refuses of a value, each once and not more than a few."""
    return list(dict.fromkeys(islice(refusals(fitting.errors(value), fitting.depth), MOST_REFUSALS)))
