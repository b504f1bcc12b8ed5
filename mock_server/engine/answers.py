"""What an operation answers: its template filled in, resources shown in full."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.expressions import FromStep
from mock_server.contract.model import Behaviour, ByOutcome, Field, List, Resource
from mock_server.engine.execution import Execution
from mock_server.engine.records import join
from mock_server.engine.scene import Scene
from mock_server.engine.store import Record


def write_answer(scene: Scene, behaviour: Behaviour) -> None:
    """Write what returns status and body; `ABSENT` stands for no body."""
    source, template = scene.source, behaviour.answer.template
    status = source.variable("status")
    shown = [template.name] if isinstance(template, FromStep) else [step.name for step in behaviour.steps]
    _write_status(scene, behaviour, shown, status)
    body = scene.absent if template is None else _write_template(scene, template, behaviour)
    source.line(f"return {status}, {body}")


def _write_status(scene: Scene, behaviour: Behaviour, shown: list[str], status: str) -> None:
    source, decision = scene.source, behaviour.answer.status
    outcomes = decision.outcomes if decision.assumption else {"": decision.fixed}
    if decision.assumption is None:
        source.line(f"{status} = {source.bind('by_outcome', decision.fixed) if _depends(decision.fixed) else decision.fixed}")
    else:
        source.line(f"{status} = {scene.chosen(decision.assumption, decision.outcomes)}")
    if any(_depends(outcome) for outcome in outcomes.values()):
        with source.block(f"if type({status}) is not int:"):
            source.line(f"{status} = {status}.made if {scene.any_made(shown)} else {status}.found")


def _depends(outcome: object) -> bool:
    return isinstance(outcome, ByOutcome)


def _write_template(scene: Scene, template: object, behaviour: Behaviour) -> str:
    """Write what a template needs; return what it comes to."""
    if isinstance(template, dict):
        return scene.mapping({key: _write_template(scene, member, behaviour) for key, member in template.items()})
    if isinstance(template, FromStep) and template.field is None:
        return _write_result(scene, template.name, behaviour)
    value = scene.source.variable("member")
    scene.source.line(f"{value} = {scene.expression(template)}")  # type: ignore[arg-type]  # nothing else is in a template
    return value


def _write_result(scene: Scene, name: str, behaviour: Behaviour) -> str:
    """Write what shows the result of a step; return the variable."""
    step, variable, nullable = scene.noted(name)
    source, resource = scene.source, step.resource
    showing = Showing(resource, scene.resources)
    shown = source.variable(f"{variable}_shown")
    if isinstance(step, List):
        shows = f"{source.bind('showing', showing)}.show"
        source.line(f"{shown} = [{shows}({scene.run}, record) for record in {variable}]")
        return shown
    source.line(f"{shown} = {variable}")
    later = behaviour.steps[next(index for index, other in enumerate(behaviour.steps) if other.name == name) + 1 :]
    if nullable:
        with source.block(f"if {shown} is not None:"):
            _write_record(scene, showing, shown, may_be_stale=any(other.resource is resource for other in later))
    else:
        _write_record(scene, showing, shown, may_be_stale=any(other.resource is resource for other in later))
    return shown


def _write_record(scene: Scene, showing: Showing, shown: str, *, may_be_stale: bool) -> None:
    """Write what makes of the record in the variable `shown` what answers show."""
    source, resource = scene.source, showing.resource
    if may_be_stale:
        owner = scene.owner(resource)
        source.line(f"{shown} = store.get({resource.name!r}, {owner}, {shown}[{resource.id!r}]) or {shown}")
    for field, other in showing.references:
        id, referred = source.variable(f"{shown}_{field.name}_id"), source.variable(f"{shown}_{field.name}")
        source.line(f"{id} = {shown}.get({field.name!r})")
        with source.block(f"if {id} is not None:"):
            source.line(f"{referred} = store.tables[{other.resource.name!r}].records[{scene.owner(other.resource)}][{id}]")
            other.write_if_needed(scene, referred)
            source.line(f"{shown} = {{**{shown}, {field.name!r}: {referred}}}")
    showing.write_derivations(scene, shown)


class Showing:
    """Shows the records of a resource as answers have them: what they refer to in full, derived fields filled in."""

    def __init__(self, resource: Resource, resources: Mapping[str, Resource]) -> None:
        self.resource = resource
        self.references: list[tuple[Field, Showing]] = [
            (field, Showing(resources[field.refers_to], resources))
            for field in resource.fields.values()
            if field.refers_to is not None
        ]
        self._derivations = [derived for derived in resource.derived if "when-shown" in derived.when.possible()]

    def write_if_needed(self, scene: Scene, shown: str) -> None:
        """Write what shows a record in its own variable, unless it is always shown as it is."""
        if self.references:
            scene.source.line(f"{shown} = {scene.source.bind('showing', self)}.show({scene.run}, {shown})")
        else:
            self.write_derivations(scene, shown)

    def write_derivations(self, scene: Scene, shown: str) -> None:
        """Write what `derive` does."""
        source = scene.source
        for derived in self._derivations:
            joined = source.variable(f"{shown}_{derived.field}")
            with source.block(f"if {shown}.get({derived.field!r}) is None:"):
                source.line(f"{joined} = {source.bind('join', join)}({derived.join!r}, {shown})")
                with source.block(f"if {joined} is not None and {scene.settled(derived.when)} == 'when-shown':"):
                    source.line(f"{shown} = {{**{shown}, {derived.field!r}: {joined}}}")

    def show(self, run: Execution, record: Record) -> Record:
        """Return a record as answers have it."""
        shown = record
        for field, other in self.references:
            id = record.get(field.name)
            if id is not None:
                referred = run.store.held(other.resource.name, run.owner(other.resource), id)
                shown = {**shown, field.name: other.show(run, referred)}
        return self.derive(run, shown)

    def derive(self, run: Execution, record: Record) -> Record:
        """Return a record with its derived fields filled in."""
        for derived in self._derivations:
            if record.get(derived.field) is None:
                joined = join(derived.join, record)
                if joined is not None and derived.when.settle(run.choices) == "when-shown":
                    record = {**record, derived.field: joined}
        return record
