"""What a contract says, resolved and checked: plain frozen values that the engine compiles.

Of most there is one object for each thing that the document declares, so they are the same or not (`eq=False`, which halves
what it takes to make the classes: a mock has to start fast). Decisions and outcomes are compared by what they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from mock_server.contract.access.security import Security, SecurityScheme
from mock_server.contract.access.security_schemes import usual_scheme
from mock_server.contract.behaviours.expressions import Embedded, Expression, TimeForm
from mock_server.contract.behaviours.time_forms import form_of
from mock_server.contract.behaviours.webhooks import DeliveryRules
from mock_server.contract.decisions import Assumption, Decision
from mock_server.contract.documents.document import Document
from mock_server.contract.files.source import Json
from mock_server.contract.messages.model import Parameter, RequestBody, Response
from mock_server.contract.record_rules import CredentialFields, Reference, Transitions
from mock_server.contract.schemas.checks import SchemaCheck, Schemas
from mock_server.contract.schemas.inclusion import Obstacle
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.step_rules import Each, Occasion
from mock_server.contract.unread import Unread

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A property of a resource. `refers_to` names the resource that is shown in its place, if it is one."""

    name: str
    schema: Schema
    required: bool
    nullable: bool
    has_default: bool
    default: object
    refers_to: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """A text field that may be made of others: their values joined by a space, null and empty ones left out.

    Outcomes: never, when-created, when-stored (made or changed while it is null), when-shown.
    """

    field: str
    join: tuple[str, ...]
    when: Decision[str]


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A kind of thing that the API keeps. Fields that the server makes are `id`, `created`, `modified`, the type name."""

    name: str
    schema: Schema
    fields: Mapping[str, Field]
    owned: bool
    id: str
    id_prefix: str
    key: tuple[str, ...]
    key_case: Decision[str]
    key_space: Decision[str]
    previous_key: Decision[str]
    created: str | None
    modified: str | None
    modified_when_new: Decision[str]
    type_name: tuple[str, str] | None
    derived: tuple[Derived, ...]
    computed: Mapping[str, Expression] = field(default_factory=dict)
    """Fields that are worked out whenever a record is shown, and never stored."""

    transitions: Transitions | None = None
    etag: str | None = None
    """Whether answers that are one record carry its entity tag: `strong`, `weak` or None."""

    stored: frozenset[str] = frozenset()
    """Fields that are stored and never shown."""

    credential: CredentialFields | None = None
    """How its records authenticate, if they do."""
    ids: Decision[str] = field(default_factory=lambda: Decision("random"))
    """Who makes the ids: sequential, random, client."""

    counts: bool = False
    """Whether the document says that ids are sequential; else nobody is held to it."""

    unique: tuple[tuple[str, ...], ...] = ()
    """Groups of fields, beside the key, that no two records of an owner share."""

    when_taken: Decision[str] = field(default_factory=lambda: Decision("conflict"))
    slugs: Mapping[str, str] = field(default_factory=dict)
    """Fields that are made of another one while none is given."""

    milliseconds: bool = False
    """Whether numbers that are times count milliseconds, and not seconds."""

    def time_form(self, name: str) -> TimeForm:
        """Return how a field writes times."""
        return form_of(self.fields[name].schema, milliseconds=self.milliseconds)

    references: Mapping[str, Reference] = field(default_factory=dict)

    def refers_to(self, field: str) -> str | None:
        """Return the resource that a field refers to, by its schema or its value; None where it refers to none."""
        return self.references[field].to if field in self.references else self.fields[field].refers_to

    @property
    def embedded(self) -> tuple[Embedded, ...]:
        """What answers show in full of the records that it refers to by their ids."""
        return tuple(reference.shown for reference in self.references.values() if reference.shown is not None)

    @property
    def hidden(self) -> frozenset[str]:
        """The fields that no answer shows as a part of a record."""
        return self.stored | {field.name for field in self.fields.values() if field.schema.write_only}

    @property
    def server_made(self) -> frozenset[str]:
        """The fields whose values the server makes; no request sets them."""
        type_field = self.type_name[0] if self.type_name else None
        id = None if "client" in self.ids.possible() else self.id
        return frozenset(name for name in (id, self.created, self.modified, type_field, *self.computed) if name)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A schema that shows a resource in another way: each of its properties by name."""

    name: str
    resource: Resource
    schema: Schema
    members: Mapping[str, Expression]


Value: TypeAlias = Decision[Expression]
"""Where a value comes from: an expression, or one for each choice of an assumption."""


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A field that a step sets. `check` guards the value where the document does not show that it always fits the field."""

    field: str
    value: Value
    check: SchemaCheck | None


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateRule:
    """Stored resources that agree in `same`, and have the values of `where`, are duplicates; `then` says what follows."""

    same: tuple[str, ...]
    where: Mapping[str, Value]
    then: Decision[str]
    when_several: Decision[str]

    def __str__(self) -> str:
        return f"when {', '.join(self.same)} repeat {self.then}"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a behaviour: a verb, done with a resource. Each verb has a class of its own."""

    resource: Resource
    name: str
    each: Each | None = field(default=None, kw_only=True)
    """For what it is done, where it is done more than once."""

    occasions: tuple[Occasion, ...] = field(default=(), kw_only=True)
    """What has to be so for it to be done."""

    @property
    def found_by(self) -> Mapping[str, Value]:
        """The values by which it finds what it is about, by field."""
        return {}

    @property
    def written(self) -> tuple[Write, ...]:
        """The fields that it may give to a record."""
        return ()

    @property
    def makes(self) -> bool:
        """Whether it may make a record."""
        return False

    @property
    def removes(self) -> bool:
        """Whether it removes the record that it comes to."""
        return False

    @property
    def is_list(self) -> bool:
        """Whether it comes to a list of records, and not to one."""
        return self.each is not None

    @property
    def comes_to_something(self) -> bool:
        """Whether later steps, and the answer, may refer to what it comes to."""
        return True

    @property
    def said(self) -> tuple[Expression, ...]:
        """The expressions of what it tells others, if it tells them anything."""
        return ()

    @property
    def facts(self) -> Mapping[str, Json]:
        """What is known of its result beside the fields of records, by name: the schema of each."""
        return {}

    @property
    def parts(self) -> Collection[str]:
        """What an expression may name of its result: a field, which is that of each where it is done for each, or a fact."""
        return self.resource.fields if self.each is not None or not self.is_list else self.facts

    @property
    def tells_organization(self) -> bool:
        """Whether the request goes on for the organization of what it found."""
        return False

    @property
    def may_find_nothing(self) -> bool:
        """Whether the behaviour goes on where the step found no record."""
        return False

    @property
    def may_come_to_nothing(self) -> bool:
        """Whether later steps and the answer may meet no result of it: it found none, or was not done."""
        return self.may_find_nothing or bool(self.occasions)


@dataclass(frozen=True, slots=True)
class ByOutcome:
    """Statuses of an answer that depend on whether the resource it shows was made by this request."""

    made: int
    found: int

    def __str__(self) -> str:
        return f"{self.made} when made, {self.found} when found"


@dataclass(frozen=True, slots=True, eq=False)
class Unproven:
    """A response that the document does not show to fit its schema always: what stands in the way, and what to hold it to."""

    status: int
    check: SchemaCheck
    obstacle: Obstacle


@dataclass(frozen=True, slots=True, eq=False)
class AnswerShape:
    """What an operation answers: a template of expressions (None: no body), and the status.

    Answers of the statuses that are `unproven` are held to their schemas when they are given.
    """

    template: object
    status: Decision[int | ByOutcome]
    unproven: tuple[Unproven, ...] = ()
    headers: Mapping[str, Expression] = field(default_factory=dict)
    left_open: frozenset[int] = frozenset()
    """200 and 201 where both are documented alike, and nothing says which one a success has."""


@dataclass(frozen=True, slots=True, eq=False)
class Behaviour:
    """What an operation does: its steps in order, then its answer."""

    steps: tuple[Step, ...]
    answer: AnswerShape
    uses_caller: bool = False
    """Whether it refers to the record of the credential that a caller shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Idempotency:
    """How requests with a key are answered that are sent again: `header` has the key, which holds so many seconds."""

    header: str
    when_different: Decision[str]
    when_missing: Decision[str]
    expires: float


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    pointer: str
    """Where it stands in the main file."""

    own_security: bool
    """Whether it says itself who may use it, and does not leave that to the document."""

    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, Response]
    security: Security
    behaviour: Behaviour | None
    unsupported: tuple[str, ...] = ()
    """Why the operation cannot be answered; nothing where it can."""

    idempotency: Idempotency | None = None
    """How it answers requests that are sent again, if they have keys."""

    base_paths: tuple[str, ...] = ()
    """The paths of its servers, which may stand before its own."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of its behaviour; none where it declares none."""
        return self.behaviour.steps if self.behaviour else ()

    @property
    def secured(self) -> bool:
        """Whether a caller has to show a credential."""
        return self.security.is_required

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def response(self, status: int) -> Response | None:
        """Return the documented answer of `status`: by its number, its range (4XX) or as the default; else None."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """An OpenAPI document, read and checked."""

    document: Document
    schemas: Schemas
    title: str
    version: str
    assumptions: Mapping[str, Assumption]
    problem_statuses: Mapping[str, Decision[int]]
    resources: Mapping[str, Resource]
    views: Mapping[str, View]
    operations: tuple[Operation, ...]
    security: Security
    """What is asked of the callers of operations that do not say so themselves, and of those who call none that there is."""

    unread: Unread
    """Nothing, unless this is what could be read of a document with flaws."""

    delivery: DeliveryRules = field(default_factory=DeliveryRules)
    """How it sends webhooks and callbacks."""

    @property
    def secured(self) -> bool:
        """Whether the document asks all callers for a credential."""
        return self.security.is_required

    @property
    def schemes(self) -> tuple[SecurityScheme, ...]:
        """The security schemes that the operations ask for; the usual one where they ask for none."""
        asked_for = [
            *self.security.schemes,
            *(scheme for operation in self.operations for scheme in operation.security.schemes),
        ]
        return tuple(dict.fromkeys(asked_for)) or (usual_scheme(self.title),)

    @property
    def unsupported(self) -> tuple[Operation, ...]:
        """The operations that cannot be answered."""
        return tuple(operation for operation in self.operations if operation.unsupported)

    def defaults(self) -> dict[str, str]:
        """Return the default choice of every assumption."""
        return {name: assumption.default for name, assumption in self.assumptions.items()}

    def steps(self) -> Iterator[Step]:
        """Yield every step of every behaviour."""
        for operation in self.operations:
            yield from operation.steps
