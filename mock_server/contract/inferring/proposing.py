"""From a contract to proposed actions, and from these to those that a document can really be read with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from mock_server.contract.behaviours.steps import VerbReader
from mock_server.contract.documents.document import Document
from mock_server.contract.documents.overlay import applied
from mock_server.contract.files.flaws import Flaw, FlawedInput, Severity
from mock_server.contract.files.origins import Composed, Origin, Part
from mock_server.contract.files.source import Json, Source, pointer_tokens
from mock_server.contract.inferring.behaviours import Behaving, Proposed
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.proposal import Action, Proposal, Unclear
from mock_server.contract.inferring.resources import Described, Describing
from mock_server.contract.inferring.searching import searches
from mock_server.contract.inferring.survey import Role, Survey, survey
from mock_server.contract.loader import contract_of
from mock_server.contract.model import Contract, Operation

OVERLAY_VERSION = "1.0.0"
MOST_TRIES = 12
"""How often actions that a document cannot be read with are left out; then nothing is proposed."""

Read = Callable[[Source], Contract]
"""Reads a document as a contract."""


def propose(contract: Contract, verbs: Mapping[str, VerbReader], but: Collection[str] = ()) -> Proposal:
    """Return what is proposed for a contract, as far as that is clear; nothing for the components and operations of `but`."""
    return _Proposing(contract, KnownWords(verbs), but).proposal()


def proposed(base: Source, verbs: Mapping[str, VerbReader], but: Collection[str] = ()) -> tuple[Proposal, Source, Contract]:
    """Return what is proposed for a document, the document with it, and the contract that it is without; raise `FlawedInput`
    where it has mistakes that nothing can be served with."""

    def read(source: Source) -> Contract:
        return contract_of(Document.from_source(source), verbs)

    # To be read changes a document: what is read here is a copy.
    contract = read(Composed(base, Part(base.value, Origin(base, "")).copy()))
    contract.document.flaws.raise_if_any()
    proposal = sound(propose(contract, verbs, but), base, read)
    return proposal, _with(proposal, base) if proposal.actions else base, contract


def sound(proposal: Proposal, base: Source, read: Read) -> Proposal:
    """Return those actions of a proposal that a document can be read with."""
    left = dict(proposal.left)
    for _ in range(MOST_TRIES):
        if not proposal.actions:
            break
        flaws = _flaws(proposal, base, read)
        if not flaws:
            return proposal
        silent = _without_messages(proposal, flaws)
        if silent is not None:
            proposal = silent
            continue
        wrong = _wrong(proposal, flaws)
        left |= {action.label: reason for action, reason in wrong.items() if action.is_operation}
        proposal = Proposal(tuple(action for action in proposal.actions if action not in wrong), left)
    left |= {action.label: "the document cannot be read with what seemed clear" for action in proposal.actions}
    return Proposal((), left)


def overlay_value(proposal: Proposal, title: str, extends: str) -> dict[str, Json]:
    """Return the overlay that a proposal is."""
    actions: list[Json] = [{"target": action.target, "update": dict(action.update)} for action in proposal.actions]
    if proposal.assumptions:
        actions.insert(0, {"target": "$", "update": {"x-assumptions": proposal.assumptions}})
    return {
        "overlay": OVERLAY_VERSION,
        "info": {"title": title, "version": "1"},
        "extends": extends,
        "actions": actions,
    }


def _with(proposal: Proposal, base: Source) -> Source:
    path = base.path.with_name(f"({base.path.name}, inferred)")  # the name of no file
    return applied(base, Source(path, "{}", value=overlay_value(proposal, "inferred", base.path.name)))


def _flaws(proposal: Proposal, base: Source, read: Read) -> list[Flaw]:
    try:
        flaws, _ = read(_with(proposal, base)).document.flaws.told(Severity.ERROR)
        return [flaw for flaw in flaws if flaw.severity is Severity.ERROR]
    except FlawedInput as error:
        return list(error.flaws)


def _without_messages(proposal: Proposal, flaws: list[Flaw]) -> Proposal | None:
    """Return a proposal without the steps with flaws that only send something; None where there are none."""
    first, actions, found = 1 if proposal.assumptions else 0, list(proposal.actions), False
    for flaw in flaws:
        match pointer_tokens(flaw.pointer):
            case ["actions", number, "update", "x-behaviour", step, *_]:
                action = actions[int(number) - first]
                steps = action.update["x-behaviour"]
                if int(step) < len(steps) and "send" in steps[int(step)]:
                    kept = [one for one in steps if "send" not in one]
                    actions[int(number) - first] = replace(action, update={"x-behaviour": kept})
                    found = True
    return Proposal(tuple(actions), proposal.left) if found else None


def _wrong(proposal: Proposal, flaws: list[Flaw]) -> dict[Action, str]:
    """Return the actions to leave out, with the reasons: those with flaws, and what depends on them."""
    first = 1 if proposal.assumptions else 0
    wrong: dict[Action, str] = {}
    for flaw in flaws:
        for action in _about(flaw, proposal, first):
            wrong.setdefault(action, flaw.message)
    gone = {action.label for action in wrong if not action.is_operation and "x-resource" in action.update}
    for action in proposal.actions:
        if action.kind in gone or _mentions(action.update, gone):
            wrong.setdefault(action, f"{action.kind} cannot be a kind of record")
    makers = [action for action in proposal.actions if action not in wrong and _makes(action)]
    for action in proposal.actions:
        is_made = any(maker.kind == action.kind for maker in makers)
        was_made = any(_makes(other) and other.kind == action.kind for other in proposal.actions)
        if was_made and not is_made:
            wrong.setdefault(action, f"nothing makes a {action.kind} after all")
    return wrong


def _about(flaw: Flaw, proposal: Proposal, first: int) -> list[Action]:
    """Return the actions that a flaw may be about; all of them where that is not clear."""
    tokens = pointer_tokens(flaw.pointer)
    about: list[Action] = []
    match tokens:
        case ["actions", number, *_] if 0 <= int(number) - first < len(proposal.actions):
            return [proposal.actions[int(number) - first]]
        case ["paths", path, method, *_]:  # it is told where the document has what an action refers to
            about = [action for action in proposal.actions if action.label == f"{method.upper()} {path}"]
        case ["components", "schemas", name] | ["definitions", name]:
            about = [action for action in proposal.actions if action.label == name]
        case ["components", "schemas", name, *_] | ["definitions", name, *_]:
            about = [action for action in proposal.actions if name in (action.label, action.kind, action.body)]
    return about or list(proposal.actions)


def _makes(action: Action) -> bool:
    steps: list[Json] = action.update.get("x-behaviour", [])
    return any("create" in step or step.get("otherwise") == "create" for step in steps)


def _mentions(value: Json, names: Collection[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_mentions(part, names) for part in value.values())
    if isinstance(value, list):
        return any(_mentions(part, names) for part in value)
    return isinstance(value, str) and value in names


class _Proposing:
    def __init__(self, contract: Contract, known: KnownWords, but: Collection[str]) -> None:
        self.contract = contract
        self.known = known
        self.but = but
        self.is_swagger = "swagger" in contract.document.dialect.name.lower()
        self.left: dict[str, str] = {}

    def proposal(self) -> Proposal:
        """Return what is proposed; kinds of which nothing is made after all are none that others are beneath either."""
        found = survey(self.contract)
        self.left |= found.left
        described = self._described(found)
        while True:
            actions = list(self._actions(described, self._behaviours(found, described)))
            made = {action.kind for action in actions if _makes(action)}
            dead = {name for name, one in described.items() if name not in made and not one.kind.is_declared}
            if not dead:
                break
            for name in dead:
                reason = f"nothing makes a {name} that it could be about"
                self.left |= {role.label: self.left.get(role.label, reason) for role in described.pop(name).kind.roles}
        actions += self._searches(described, actions)
        actions += self._idempotency(actions)
        for action in actions:
            self.left.pop(action.label, None)
        kept = tuple(self._new(action) for action in actions if action.label not in self.but)
        return Proposal(kept, dict(sorted(self.left.items(), key=lambda item: self._order(item[0]))))

    def _behaviours(self, found: Survey, described: Mapping[str, Described]) -> dict[str, list[tuple[Role, Proposed]]]:
        behaving = Behaving(self.contract, found, described, self.known)
        proposed: dict[str, list[tuple[Role, Proposed]]] = {}
        for one in described.values():
            for role in one.kind.roles:
                try:
                    proposed.setdefault(one.kind.name, []).append((role, behaving.behaviour(role)))
                except Unclear as unclear:
                    self.left[role.label] = str(unclear)
        return proposed

    def _new(self, action: Action) -> Action:
        """Return an action without the assumptions that the document has: what it says of them stays."""
        assumptions = {name: one for name, one in action.assumptions.items() if name not in self.contract.assumptions}
        return replace(action, assumptions=assumptions)

    def _described(self, found: Survey) -> dict[str, Described]:
        describing, described = Describing(self.contract, found.kinds.values(), self.known), {}
        for kind in found.kinds.values():
            try:
                described[kind.name] = describing.describe(kind)
            except Unclear as unclear:
                self.left.update((role.label, str(unclear)) for role in kind.roles)
        return described

    def _actions(
        self, described: Mapping[str, Described], proposed: Mapping[str, list[tuple[Role, Proposed]]]
    ) -> Iterator[Action]:
        views: set[str] = set()
        for name, one in described.items():
            behaviours = proposed.get(name, [])
            if not behaviours:
                continue
            if not one.kind.is_declared:
                yield self._resource(one)
            for role, behaviour in behaviours:
                if behaviour.view and behaviour.view not in views and behaviour.view not in self.contract.views:
                    views.add(behaviour.view)
                    yield self._view(behaviour.view, name)
                yield self._operation(role, behaviour, one)

    def _searches(self, described: Mapping[str, Described], actions: Collection[Action]) -> Iterator[Action]:
        """Yield the actions for what searches in several kinds."""
        shown = {*(action.label for action in actions), *self.contract.views}
        for search in list(searches(self.contract, described, self.known, shown)):
            for hit in search.hits:
                if hit.is_view and hit.component not in shown:
                    shown.add(hit.component)
                    yield self._view(hit.component, hit.kind.name, **({"set": dict(hit.fixed)} if hit.fixed else {}))
            why = f"not used: {', '.join(search.unused)}" if search.unused else ""
            target, update = _target(search.operation), {"x-behaviour": search.steps}
            yield Action(str(search.operation), target, update, search.hits[0].kind.name, why)

    def _idempotency(self, actions: Collection[Action]) -> Iterator[Action]:
        """Yield the action by which a documented header makes requests idempotent, if anything is inferred to be made."""
        name, header = "x-idempotency", "Idempotency-Key"
        takes = any(
            operation.method == "POST" and parameter.location == "header" and parameter.name.lower() == header.lower()
            for operation in self.contract.operations
            for parameter in operation.parameters
        )
        if takes and actions and self.known.top(name) and name not in self.contract.document.root.value:
            yield Action(name, "$", {name: {"header": header}}, "", f"the header {header} is documented")

    def _resource(self, one: Described) -> Action:
        makers = one.kind.having("create") or one.kind.having("replace")
        why = "; ".join([f"{', '.join(role.label for role in makers)} makes one", *one.why])
        name = one.kind.name
        return Action(name, self._component(name), {"x-resource": one.declaration}, name, why, "", _used(one.declaration, one))

    def _view(self, component: str, kind: str, **more: Json) -> Action:
        why = f"{component} shows some of the fields of a {kind}"
        return Action(component, self._component(component), {"x-view": {"of": kind, **more}}, kind, why)

    def _operation(self, role: Role, behaviour: Proposed, one: Described) -> Action:
        assumptions = {**_used(behaviour.steps, one), **behaviour.assumptions}
        update = {"x-behaviour": behaviour.steps}
        body = role.body.component if role.body else ""
        return Action(role.label, _target(role.operation), update, one.kind.name, "; ".join(behaviour.why), body, assumptions)

    def _component(self, name: str) -> str:
        around = "$.definitions" if self.is_swagger else "$.components.schemas"
        return f"{around}.{name}" if name.replace("_", "a").isalnum() and name.isascii() else f"{around}[{_quoted(name)}]"

    def _order(self, label: str) -> int:
        labels = {str(operation): number for number, operation in enumerate(self.contract.operations)}
        return labels.get(label, len(labels))


def _used(value: Json, one: Described) -> dict[str, Json]:
    """Return those points that a kind leaves open and that a declaration refers to."""
    return {name: entry for name, entry in one.assumptions.items() if _mentions(value, (name,))}


def _target(operation: Operation) -> str:
    """Return the JSONPath of an operation."""
    return f"$.paths[{_quoted(operation.path)}].{operation.method.lower()}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
