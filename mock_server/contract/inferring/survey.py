"""Which components of a document are kinds of records, and what each operation does with one; in doubt nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mock_server.contract.inferring.paths import Shape, common_segments, family_of, shape_of
from mock_server.contract.inferring.shapes import (
    ShownThing,
    holds_id,
    id_field,
    is_thing,
    names_of,
    schema_of,
    success,
    what_is_shown,
)
from mock_server.contract.inferring.words import ENDS, IDS, plain, singular
from mock_server.contract.model import Contract, Operation
from mock_server.contract.schemas.schema import Schema

STATUSES: Mapping[str, tuple[str, ...]] = {"POST": ("201", "200", "204"), "PUT": ("200", "201", "204")}
MEMBER_VERBS: Mapping[str, str] = {"GET": "find", "PUT": "replace", "PATCH": "update", "POST": "update", "DELETE": "delete"}


@dataclass
class Role:
    """What an operation does, with a record of a kind: create, list, find, update, replace, delete or act."""

    operation: Operation
    shape: Shape
    verb: str
    shown: ShownThing | None
    body: Schema | None
    kind: str = ""

    @property
    def label(self) -> str:
        """How the operation is named in reports: by method and path."""
        return str(self.operation)

    @property
    def status(self) -> str | None:
        """The status that it answers with."""
        return next((status for status in _statuses(self.operation) if status in self.operation.responses), None)


@dataclass
class RecordKind:
    """A kind of records: the component that shows one, its id, and what is done with it."""

    name: str
    schema: Schema
    id: str
    roles: list[Role] = field(default_factory=list)
    is_declared: bool = False

    def having(self, *verbs: str) -> list[Role]:
        """Return the roles of some verbs."""
        return [role for role in self.roles if role.verb in verbs]

    def by_parameter(self, shape: Shape) -> str | None:
        """Return the field that the parameter at the end of a path names; None where that is not clear."""
        return None if shape.parameter is None else field_of(self.schema, shape.parameter, shape.member, self.name, self.id)


@dataclass
class Survey:
    """What was found: the kinds by name, and why the other operations are left as they are."""

    kinds: dict[str, RecordKind]
    left: dict[str, str]
    owners: dict[str, str]
    """The kinds of the collections, by their paths without the names of parameters."""


def survey(contract: Contract) -> Survey:
    """Return what the operations of a contract do, as far as that is clear."""
    return _Surveying(contract).result()


def field_of(schema: Schema, parameter: str, member: str, component: str, id: str | None) -> str | None:
    """Return the field of a thing that a parameter of a path names."""
    fields = {name: real for name, real in names_of(schema).items() if holds_id(schema.properties[real])}
    name = plain(parameter)
    if name in fields and name != "id":
        return fields[name]
    for owner in (member, singular(component), plain(component)):
        rest = name.removeprefix(owner)
        if rest in fields and rest not in ("", "id", name) and (rest in IDS or rest.endswith("id")):
            return fields[rest]  # {issue_iid} of an Issue that has `iid` beside its id
        if rest in ("", "id", "uuid", "sid", "identifier", "key") and (rest != name or rest == "id"):
            return id if id is not None else id_field(schema, component)
    is_short = len(name) > 2 and any(owner.endswith(name) for owner in (member, singular(component)))  # {link} of file_links
    is_long = any(name.startswith(owner) for owner in (member, singular(component))) and name.endswith(("id", "token", "key"))
    stem = name.removesuffix("id")  # {assignment_id} of an InternalContactAssignment
    is_part = bool(stem) and stem != name and any(owner.endswith(stem) for owner in (member, singular(component)))
    if name in ("id", "uuid", "identifier") or is_short or is_long or is_part:
        return id if id is not None else id_field(schema, component)
    return None


def is_about(word: str, component: str) -> bool:
    """Say whether the last word of a path is another word for a component."""
    one, other = singular(word), singular(component)
    return bool(one) and (one in other or other in one)


class _Surveying:
    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.left: dict[str, str] = {}
        common = common_segments(operation.path for operation in contract.operations)
        self.roles = list(self._roles(common))
        self.families: dict[str, list[Role]] = {}
        for role in self.roles:
            self.families.setdefault(role.shape.family, []).append(role)
        self.kinds: dict[str, RecordKind] = {}

    def result(self) -> Survey:
        for roles in self.families.values():
            self._find_kind(roles)
        for name, resource in self.contract.resources.items():
            self.kinds[name] = RecordKind(name, resource.schema, resource.id, is_declared=True)
        for role in self.roles:
            reason = self._assign(role)
            if reason:
                self.left[role.label] = reason
        for kind in list(self.kinds.values()):
            reason = self._why_not(kind)
            if reason:
                del self.kinds[kind.name]
                self.left.update((role.label, reason) for role in kind.roles)
        owners = {family: self._component_of_family(family) for family in self.families}
        return Survey(self.kinds, self.left, {family: name for family, name in owners.items() if name})

    def _roles(self, common: int) -> Iterator[Role]:
        for operation in self.contract.operations:
            if operation.behaviour is not None:
                continue
            shape = shape_of(operation.path, common)
            verb = self._verb(operation, shape) if shape else None
            if operation.unsupported or shape is None or verb is None:
                self.left[str(operation)] = "its path and method are not those of a record or a list of them"
                continue
            answered = schema_of(success(operation, *_statuses(operation)))
            body = operation.body.schema if operation.body else None
            yield Role(operation, shape, verb, what_is_shown(answered) if answered else None, body)

    def _verb(self, operation: Operation, shape: Shape) -> str | None:
        if success(operation, *_statuses(operation)) is None:
            return None
        if shape.parameter is not None:
            return MEMBER_VERBS.get(operation.method)
        is_beneath_one = bool(shape.within) and shape.base.count("/") == shape.within[-1].base.count("/") + 2
        if is_beneath_one and plain(shape.word) in ENDS and operation.method in ("POST", "PUT", "PATCH"):
            return "act"
        return {"GET": "list", "POST": "create", "PUT": "update", "PATCH": "update"}.get(operation.method)

    def _find_kind(self, roles: list[Role]) -> None:
        """Take the component that one member of a collection is shown as for a kind."""
        order = ("find", "create", "update", "replace")
        ranked = [role for verb in order for role in roles if role.verb == verb]
        shown = [role.shown for role in ranked if role.shown and not role.shown.several]
        if not shown:
            shown = [one for role in ranked if role.body and (one := what_is_shown(role.body)) and not one.several]
        about = [one for one in shown if is_about(roles[0].shape.word, one.component)]
        has_members = any(role.shape.parameter for role in roles)
        one = next(iter(about or (shown if has_members else [])), None)
        if one is None or one.component in self.kinds or not is_thing(one.schema.target):
            return
        parameters = [role.shape for role in roles if role.shape.parameter]
        named = [field_of(one.schema, str(shape.parameter), shape.member, one.component, None) for shape in parameters]
        id = id_field(one.schema, one.component) or next((name for name in named if name), None)
        if id is None:
            self.left.update((role.label, f"{one.component} has no field that sounds like its id") for role in roles)
            return
        self.kinds[one.component] = RecordKind(one.component, one.schema.target, id)

    def _assign(self, role: Role) -> str:
        """Note whose role it is; return why it is nobody's."""
        component = self._component(role)
        kind = self.kinds.get(component)
        if kind is None:
            return self.left.get(role.label) or "it is not clear what kind of record it is about"
        reason = self._misfit(role, kind)
        if not reason:
            role.kind = kind.name
            kind.roles.append(role)
        return reason

    def _component(self, role: Role) -> str:
        if role.verb == "act":
            return role.shown.component if role.shown else ""
        family = self._component_of_family(role.shape.base)
        if role.shown is None or (role.verb in ("list", "delete") and role.shown.component not in self.kinds):
            return family
        return role.shown.component

    def _component_of_family(self, base: str) -> str:
        for verb in ("find", "create", "update", "replace"):
            for role in self.families.get(family_of(base), ()):
                shown = role.shown or (what_is_shown(role.body) if role.body else None)
                if role.verb == verb and shown and shown.component in self.kinds:
                    return shown.component
        return ""

    def _misfit(self, role: Role, kind: RecordKind) -> str:
        """Return why an operation is not about a kind after all."""
        shape, is_own = role.shape, self._component_of_family(role.shape.base) == kind.name
        finds = plain(shape.word).startswith("find") and self._component_of_family(shape.base.rpartition("/")[0]) == kind.name
        about = is_about(shape.word, kind.name) or finds
        if role.verb == "act":
            owner = self._component_of_family(shape.within[-1].base)
            return "" if owner == kind.name else "it is not clear what it does"
        if shape.parameter is not None:
            if kind.by_parameter(shape) is None:
                return f"{{{shape.parameter}}} is not clearly a field of {kind.name}"
            return "" if about or is_own else f"its path is not one of {kind.name}"
        if role.verb == "list":
            if role.shown is None or not role.shown.several:
                return "what it answers is no list of records"
            return "" if about and (is_own or finds or shape.is_plain) else f"it is not clear which of {kind.name} it lists"
        if role.verb == "create":
            if role.shown and role.shown.several:
                return "it answers a list, and makes perhaps several"
            others = (other.shown for other in self.families[shape.family] if other.verb == "list")
            if any(shown is not None and not shown.several for shown in others):
                return "its path is that of one record, and not of a collection"
            has_members = any(other.shape.parameter for other in self.families[shape.family])
            return "" if about or (is_own and has_members) else f"it is not clear whether it makes a {kind.name}"
        takes_id = role.body is not None and kind.id in role.body.properties
        return "" if takes_id and about else "it is not clear which record it changes"

    def _why_not(self, kind: RecordKind) -> str:
        """Return why nothing is proposed for a kind."""
        makers = [*kind.having("create"), *(role for role in kind.having("replace") if "201" in role.operation.responses)]
        if not kind.is_declared and not makers:
            return f"nothing makes a {kind.name}, so there would never be one: declare it and give fixtures"
        others = [role for role in kind.roles if role not in makers]
        if not kind.is_declared and not others and all(role.status != "201" for role in makers):
            return f"nothing shows a {kind.name} again"
        if not kind.is_declared and not others and all(plain(role.shape.word) == role.shape.member for role in makers):
            return f"nothing shows a {kind.name} again, and its path may as well be what to do"
        return ""


def _statuses(operation: Operation) -> tuple[str, ...]:
    return STATUSES.get(operation.method, ("200", "204", "201"))
