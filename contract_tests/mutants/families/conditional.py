"""Entity tags got wrong: the tag itself, reading what has changed only, and writing what has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from contract_tests.mutants.families.alterations import headers_with, replied
from contract_tests.mutants.families.declared_otherwise import perform_changed, step_with
from contract_tests.mutants.hooks import ExchangeHook, Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from contract_tests.scenarios.conditional_cases import STRANGE, matching_writers, tagged_readers
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.behaviours.entity_tags import tagged_resource
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource, Step
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.generating import Generator

FAMILY = "conditional"
IF_NONE_MATCH, IF_MATCH = "if-none-match", "if-match"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    subject = Subject.of(contract, ())
    for reader, resource in tagged_readers(subject):
        yield from _of_tag(reader.operation, resource, subject)
        yield from _of_reading(reader.operation, resource)
        for writer in matching_writers(subject, resource):
            yield from _of_writing(writer, resource)
    for operation in contract.operations:
        if tagged_resource(operation.behaviour):
            yield _named(operation, "no-tag", "sends no ETag", replied(operation, _with_tag(lambda context, tag: "")))


def _named(operation: Operation, name: str, about: str, hook: ExchangeHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", exchange=hook)


def _of_tag(operation: Operation, resource: Resource, subject: Subject) -> Iterator[Mutant]:
    other = (lambda context, tag: f"W/{tag}") if resource.etag == "strong" else lambda context, tag: tag[2:]
    for name, about, change in (
        ("constant", "sends one tag for everything", lambda context, tag: '"1"' if resource.etag == "strong" else 'W/"1"'),
        ("restless", "sends another tag whenever it is asked", lambda context, tag: f'{tag[:-1]}{context.count("tag")}"'),
        ("unquoted", "sends its tag without quotes", lambda context, tag: tag.replace('"', "")),
        ("other-sort", "sends its tag as one of the other sort", other),
    ):
        yield _named(operation, name, about, replied(operation, _with_tag(change)))
    yield _named(operation, "no-tag-unchanged", "sends no ETag with 304", replied(operation, _no_tag, when="304"))
    changed = [slot.name for signature in subject.updating if signature.updates == resource.name for slot in signature.free]
    for field in [name for name in dict.fromkeys(changed) if name in resource.fields and resource.modified is None][:1]:
        about = f"A tag of {resource.name} stays as it is when {field} changes."
        yield Mutant(f"{FAMILY}.blind.{resource.name}.{field}", FAMILY, about, perform=_blind(resource, {field}))
    if resource.modified is not None:
        about = f"A tag of {resource.name} is that of its id alone."
        blind = set(resource.fields) - {resource.id}
        yield Mutant(f"{FAMILY}.blind.{resource.name}", FAMILY, about, perform=_blind(resource, blind))


def _of_reading(operation: Operation, resource: Resource) -> Iterator[Mutant]:
    drop: Callable[[str], str] = lambda tags: ""  # noqa: E731 (a table of what becomes of the header)
    for name, about, change in (
        ("always-sends", "sends everything again", drop),
        ("never-sends", "answers 304 whatever the tag", lambda tags: "*" if tags else ""),
        ("one-tag", "takes a list of tags for one", lambda tags: "" if "," in tags else tags),
        ("no-star", "does not know * as a tag", lambda tags: "" if tags == "*" else tags),
        ("strong-read", "compares tags as if all were strong", lambda tags: "" if tags[:2] == "W/" else tags),
    ):
        if name != "strong-read" or resource.etag == "strong":
            yield _named(operation, name, about, _sending(operation, IF_NONE_MATCH, change))


def _of_writing(writer: Signature, resource: Resource) -> Iterator[Mutant]:
    operation = writer.operation
    required = any(_requires(step) for step in operation.steps)
    for name, about, change in (
        ("overwrites", "overwrites what somebody else has changed", lambda tags: "*" if tags else ""),
        ("refuses-all", "refuses what nobody has changed", lambda tags: STRANGE if tags not in ("", "*") else tags),
        ("no-star-write", "does not know * as a tag", lambda tags: STRANGE if tags == "*" else tags),
        ("one-tag-write", "looks at the first tag of a list alone", lambda tags: tags.split(",")[0]),
        ("weak-write", "takes a weak tag for a strong one", lambda tags: tags.removeprefix("W/")),
    ):
        if resource.etag == "strong" or name in ("overwrites", "no-star-write"):
            yield _named(operation, name, about, _sending(operation, IF_MATCH, change))
    if required:
        yield _named(operation, "unasked", "does not ask for a tag", _sending(operation, IF_MATCH, lambda tags: tags or "*"))
    conflict = replied(operation, lambda context, reply: replace(reply, status=409), when="412")
    yield _named(operation, "conflict", "answers 409 in place of 412", conflict)
    name, about = f"{FAMILY}.late.{operation.id}", f"{operation.id} refuses after it has done it."
    yield Mutant(name, FAMILY, about, perform=_late(operation))


def _requires(step: Step) -> bool:
    guard = getattr(step, "guard", None)
    return guard is not None and "required" in guard.if_match.possible()


def _sending(operation: Operation, header: str, change: Callable[[str], str]) -> ExchangeHook:
    """Return a hook that changes a header of the requests for an operation; it is left out where it becomes empty."""

    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        if context.operation_of(call) != operation.id:
            return proceed(call)
        value = change(next((value for name, value in call.headers if name.lower() == header), ""))
        others = tuple((name, one) for name, one in call.headers if name.lower() != header)
        return proceed(replace(call, headers=(*others, (header, value)) if value else others))

    return hook


def _with_tag(change: Callable[[MutantContext, str], str]) -> Callable[[MutantContext, WireResponse], WireResponse]:
    def changed(context: MutantContext, reply: WireResponse) -> WireResponse:
        tag = reply.header("etag")
        return replace(reply, headers=headers_with(reply, "etag", change(context, tag))) if tag else reply

    return changed


def _no_tag(context: MutantContext, reply: WireResponse) -> WireResponse:
    return replace(reply, headers=headers_with(reply, "etag", ""))


class BlindTags(Generator):
    """Makes what another generator makes, but for tags of one resource that some fields do not go into."""

    def __init__(self, inner: Generator, resource: Resource, fields: set[str]) -> None:
        super().__init__(clock=inner.clock)
        self._inner, self._resource, self._fields = inner, resource.name, fields

    def id(self, resource: Resource) -> Json:
        """Return a fresh id."""
        return self._inner.id(resource)

    def text(self) -> str:
        """Return a fresh text."""
        return self._inner.text()

    def uuid(self) -> str:
        """Return a fresh UUID."""
        return self._inner.uuid()

    def tag(self, resource: Resource, shown: Mapping[str, Json]) -> str:
        """Return a tag that is blind to some fields."""
        is_blind = resource.name == self._resource
        seen = {name: value for name, value in shown.items() if not is_blind or name not in self._fields}
        return super().tag(resource, seen)


def _blind(resource: Resource, fields: set[str]) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        return proceed(execution.but(generator=BlindTags(execution.generator, resource, fields)))

    return hook


def _late(operation: Operation) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        try:
            return proceed(execution)
        except Refused as refused:
            if execution.operation is operation and refused.kind == "precondition-failed":
                perform_changed(context, execution.but(), lambda step: step_with(step, guard=None))
            raise

    return hook
