"""Playing a scenario against a target, in lockstep with the engine, until something is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contract_tests.courier import Courier
from contract_tests.judging import read_body
from contract_tests.messages import Reply, Step
from contract_tests.moves import Move, Party, Play, Scenario, Unresolved
from contract_tests.outcome import Difference
from contract_tests.shapes import shown_records
from contract_tests.worlds import Followed, Lockstep, Region, World, as_request, merged
from mock_server.contract.model import Operation
from mock_server.contract.source import Json, pointer_tokens
from mock_server.engine.choices import Choices
from mock_server.engine.making import Making

MAY_BE_REFUSED_WITH = frozenset({400, 404, 405, 413, 414, 422})


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in a scenario, at its last step."""

    kind: Literal["answer", "shape", "error", "trouble"]
    operation: Operation
    move: Move | None
    differences: tuple[Difference, ...]
    rested_on: Mapping[str, str] = field(default_factory=dict)
    expected_problem: str | None = None
    expected_success: bool = True
    received_status: int = 0

    @property
    def cause(self) -> str:
        """A text that is the same for failures that most likely have one cause."""
        places = sorted({_without_numbers(difference.place) for difference in self.differences})
        if self.kind == "error":
            return f"{self.operation.id} error {self.received_status}"
        if self.kind == "trouble":
            return f"{self.operation.id} no whole answer"
        if places == ["status"]:
            if self.expected_problem:
                return f"{self.operation.id} accepts {self.expected_problem}"
            return f"{self.operation.id} answers {self.received_status}"
        return f"{self.operation.id} {self.kind} {' '.join(places)}"


@dataclass(slots=True)
class Played:
    """What came of playing a scenario."""

    scenario: Scenario
    steps: list[Step]
    failure: Failure | None
    regions: list[Region]


@dataclass(slots=True)
class Player:
    """Plays scenarios. `regions` is what is known of the choices; it narrows with every scenario that ends well."""

    lockstep: Lockstep
    courier: Courier
    parties: Sequence[Party]
    tag: str
    regions: list[Region]
    evidence: dict[str, Step] = field(default_factory=dict)
    notes: dict[str, Step] = field(default_factory=dict)
    created: dict[str, dict[Json, None]] = field(default_factory=dict)
    consulted: set[str] = field(default_factory=set)
    played: int = 0

    def play(self, scenario: Scenario, regions: list[Region] | None = None) -> Played:
        """Play a scenario under a fresh tag; stop at the first thing that is wrong. The regions found are not kept yet."""
        play = self.new_play()
        worlds = self.lockstep.worlds(self.regions if regions is None else regions)
        steps: list[Step] = []
        for move in scenario.moves:
            failure, worlds = self.make(move, play, worlds, steps)
            if failure is not None:
                return Played(scenario, steps, failure, [])
        return Played(scenario, steps, None, merged([dict(world.region) for world in worlds]))

    def new_play(self) -> Play:
        """Return the playing of a scenario under a tag that no other one has."""
        self.played += 1
        return Play(f"{self.tag}x{self.played}", self.played, self.parties)

    def make(self, move: Move, play: Play, worlds: list[World], steps: list[Step]) -> tuple[Failure | None, list[World]]:
        """Make one move; return what is wrong, and the worlds after it."""
        if play.adrift:
            return None, worlds
        try:
            call = play.call(move)
        except Unresolved:
            return None, worlds
        self.courier.pause(move.pause)
        reply = self.courier.send(call)
        body = read_body(reply)
        step = Step(call, reply, move.note)
        steps.append(step)
        self.note_created(move, body, reply)
        if move.unjudged and call.method != move.operation.method and not reply.trouble and reply.status < 500:
            return None, worlds  # the schemas of the operation say nothing about what another method answers
        flaws = self.lockstep.judge.flaws(move.operation, reply)
        if flaws:
            kind: Literal["trouble", "error", "shape"] = (
                "trouble" if reply.trouble else "error" if reply.status >= 500 else "shape"
            )
            return Failure(kind, move.operation, move, tuple(flaws), received_status=reply.status), worlds
        if move.unjudged:
            return None, worlds
        # Only after a pause does a time tell for certain what happened before the request.
        self.lockstep.one_clock = self.courier.target.local and move.pause > 0
        following, followed = self.lockstep.follow(worlds, call, reply, body)
        leaked = play.of_others(move, call, reply)
        if followed.explained and leaked:
            difference = Difference("the body", "nothing that only another organization may see", leaked)
            return Failure("answer", move.operation, move, (difference,), received_status=reply.status), worlds
        if followed.explained:
            self._note_settled(worlds, following, step, followed)
            play.note_reply(move, reply, body)
            return None, following
        if move.shared:
            play.adrift = True
            return None, worlds
        if move.may_refuse and reply.status in MAY_BE_REFUSED_WITH:
            self.notes.setdefault(f"refuses {move.may_refuse}", step)
            return None, worlds
        return failure_of(move.operation, move, followed, reply), worlds

    def keep(self, played: Played) -> None:
        """Keep what a scenario that ended well taught about the choices."""
        if played.regions:
            self.regions = played.regions

    def possible(self, name: str) -> tuple[str, ...]:
        """Return the choices of an assumption that nothing has contradicted, in the order of the document."""
        left = {choice for region in self.regions for choice in region[name]}
        return tuple(choice for choice in self.lockstep.contract.assumptions[name].choices if choice in left)

    def would_learn(self, scenario: Scenario) -> bool:
        """Say whether a scenario consults an assumption that is still open, as far as the engine alone can tell."""
        open_names = {name for name in self.lockstep.contract.assumptions if len(self.possible(name)) > 1}
        return bool(open_names & self.rehearse(scenario))

    def rehearse(self, scenario: Scenario) -> set[str]:
        """Return the assumptions that a scenario consults when the engine plays it under the likeliest choices."""
        play = Play("rehearsal", 1, self.parties)
        store = self.lockstep.exchange.engine.new_store(self.lockstep.seed)
        making = Making(random_seed=0)
        made = {name: choices[0] for name, choices in self.regions[0].items()}
        defaults = self.lockstep.contract.defaults()
        for name, choices in self.regions[0].items():
            made[name] = defaults[name] if defaults[name] in choices else choices[0]
        consulted: set[str] = set()
        for move in scenario.moves:
            try:
                call = play.call(move)
            except Unresolved:
                continue
            answer = self.lockstep.exchange.answer(as_request(call), store, Choices(made), making)
            consulted.update(answer.rested_on)
            body = answer.body if isinstance(answer.body, (dict, list)) else None
            play.note_reply(move, Reply(answer.status), body)
        return consulted

    def _note_settled(self, before: list[World], after: list[World], step: Step, followed: Followed) -> None:
        self.consulted |= followed.rested_on
        for note in followed.notes:
            self.notes.setdefault(note, step)
        for name in self.lockstep.contract.assumptions:  # one choice may go with another that the answer rests on
            were = {choice for world in before for choice in world.region[name]}
            are = {choice for world in after for choice in world.region[name]}
            if are < were:
                self.evidence[name] = step

    def note_created(self, move: Move, body: Json | None, reply: Reply) -> None:
        """Note the ids of what a move made."""
        if not reply.is_success or move.operation.behaviour is None:
            return
        for pointer, resource in shown_records(self.lockstep.shapes[move.operation.id]):
            value = body
            for token in pointer_tokens(pointer):
                value = value.get(token) if isinstance(value, dict) else None
            id = value.get(resource.id) if isinstance(value, dict) else None
            known = any(id in party.known.get(resource.name, ()) for party in self.parties)
            if isinstance(id, (str, int)) and not isinstance(id, bool) and not known:
                self.created.setdefault(resource.name, {})[id] = None


def failure_of(operation: Operation, move: Move | None, followed: Followed, reply: Reply) -> Failure:
    """Return the failure of a reply that no reading explains."""
    nearest = followed.nearest
    if nearest is None:
        return Failure(
            "answer", operation, move, (Difference("the answer", "one that the contract explains", str(reply.status)),)
        )
    return Failure(
        "answer",
        operation,
        move,
        tuple(nearest.match.differences),
        dict(nearest.rested_on),
        nearest.answer.problem,
        nearest.answer.problem is None,
        reply.status,
    )


def _without_numbers(place: str) -> str:
    return "/".join("*" if token.isdecimal() else token for token in place.split("/"))
