"""What records refer to, shown in full, got wrong: never, always, another one, or only a part of what was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from contract_tests.oracle.shapes import ListShape, ObjectShape, RecordShape, Shape, answer_shape
from mock_server.contract.behaviours.expressions import Embedded
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation
from mock_server.engine.engine import Performed
from mock_server.engine.values import ABSENT

FAMILY = "embedding"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation in contract.operations:
        if operation.behaviour is None:
            continue
        for embedded in _shown(answer_shape(operation, contract)):
            asked_by = next((one for one in operation.parameters if one.name == embedded.asked_by), None)
            if embedded.asked_by is None or asked_by is not None:
                about = f"shows another {embedded.to} as {embedded.name}"
                yield _named(operation, f"another.{embedded.name}", about, _showing_another(embedded))
            if asked_by is not None and embedded.asked_by is not None:
                is_list = "array" in asked_by.check.schema.types
                about = f"never shows {embedded.name} in full"
                yield _named(operation, f"ignored.{embedded.name}", about, _asked(embedded.asked_by, None))
                about = f"always shows {embedded.name} in full"
                every = [embedded.name] if is_list else embedded.name
                yield _named(operation, f"always.{embedded.name}", about, _asked(embedded.asked_by, every))


def _named(operation: Operation, name: str, about: str, hook: PerformHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", perform=only_for(operation, hook))


def _shown(shape: Shape) -> Iterator[Embedded]:
    if isinstance(shape, RecordShape) and shape.view is None:
        yield from shape.resource.embedded
    elif isinstance(shape, ListShape):
        yield from _shown(shape.item)
    elif isinstance(shape, ObjectShape):
        for member in shape.members.values():
            yield from _shown(member)


def _asked(parameter: str, value: object) -> PerformHook:
    """Return a hook that takes a request as if its parameter had another value."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        parameters = {**execution.parameters, ("query", parameter): value}
        return proceed(execution.but(parameters=parameters))

    return hook


def _showing_another(embedded: Embedded) -> PerformHook:
    """Return a hook that shows what was shown there for the first time, whatever is referred to."""

    def another(context: MutantContext, body: Json) -> Json:
        if isinstance(body, list):
            return [another(context, item) for item in body]
        if not isinstance(body, dict):
            return body
        members = {name: another(context, member) if name != embedded.name else member for name, member in body.items()}
        shown = members.get(embedded.name)
        if isinstance(shown, (dict, list)) and shown:
            members[embedded.name] = context.memory.setdefault("first", shown)
        return members

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        return performed if performed.body is ABSENT else performed._replace(body=another(context, performed.body))

    return hook
