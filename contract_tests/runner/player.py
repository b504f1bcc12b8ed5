"""Playing a scenario against a target, while the oracle follows, until something is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from contract_tests.oracle.deviations import Deviation, RefusalDeviation
from contract_tests.oracle.hypotheses import Explanation, Hypothesis, Oracle, as_request
from contract_tests.oracle.judging import read_body
from contract_tests.oracle.messages import Sent as Told
from contract_tests.oracle.messages import compared, expected_at
from contract_tests.oracle.mismatch import STATUS, Mismatch
from contract_tests.oracle.regions import Region, common, merged
from contract_tests.runner.made import Creations
from contract_tests.runner.promise_kinds import APART, DOCUMENTED, NO_ERROR, WEBHOOKS, Promise
from contract_tests.runner.promise_tally import PromiseTally
from contract_tests.runner.turns import Turns
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import PlannedRequest, Play, Scenario, Unresolved
from contract_tests.transport.client import Client
from contract_tests.transport.inbox import Inbox
from contract_tests.transport.interruption import Interrupted
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Operation
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.verbs import List
from mock_server.exchange.messages import Answer

NOT_IMPLEMENTED = 501
MAY_BE_REFUSED_WITH = frozenset({400, 404, 405, 413, 414, 422, 431})


FailureKind: TypeAlias = Literal["answer", "shape", "error", "trouble"]
"""No reading explains an answer; it breaks its schema; the server fails; no whole answer came."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in a scenario, at its last step."""

    kind: FailureKind
    planned: PlannedRequest
    differences: tuple[Mismatch, ...]
    rested_on: Mapping[str, str] = field(default_factory=dict)
    expected_problem: str | None = None
    expected_success: bool = True
    received_status: int = 0
    promise: Promise = NO_ERROR
    expected_why: str = ""
    """Why the request had to be refused, in words that are the same in every playing."""

    @classmethod
    def of_flaws(cls, planned: PlannedRequest, flaws: Sequence[Mismatch], reply: WireResponse) -> Failure:
        """Return the failure of a reply that is wrong whatever was asked for."""
        kind: FailureKind = "trouble" if reply.trouble else "error" if reply.status >= 500 else "shape"
        promise = DOCUMENTED if kind == "shape" else NO_ERROR
        return cls(kind, planned, tuple(flaws), received_status=reply.status, promise=promise)

    @property
    def operation(self) -> Operation:
        """The operation that was asked."""
        return self.planned.operation

    @property
    def is_of_clock(self) -> bool:
        """Whether another clock would explain all that is wrong."""
        return bool(self.differences) and all(difference.of_clock for difference in self.differences)

    @property
    def is_accepted(self) -> bool:
        """Whether a request was accepted that had to be refused."""
        return self.has_wrong_status and bool(self.expected_problem) and self.received_status < 400

    @property
    def is_refused(self) -> bool:
        """Whether a request was refused that is valid, or that had to be refused otherwise."""
        return self.has_wrong_status and self.received_status >= 400

    @property
    def has_wrong_status(self) -> bool:
        """Whether no reading explains the status of the answer."""
        return self.kind == "answer" and any(one.is_status for one in self.differences)

    @property
    def cause(self) -> str:
        """A text that is the same whenever the same is wrong with the same operation, by the same query parameters."""
        query = " ".join(sorted(self.planned.query)) if any(one.kind for one in self.differences) else ""
        return f"{self.symptom} by {query}" if query else self.symptom

    def narrows(self, other: Failure) -> bool:
        """Whether the same is wrong as in another failure, or some of the same values."""
        if self.symptom == other.symptom:
            return True
        places = [{_without_numbers(one.place) for one in failure.differences} for failure in (self, other)]
        are_values = all(one.is_value and not one.kind for failure in (self, other) for one in failure.differences)
        return are_values and self.kind == other.kind and self.operation is other.operation and places[0] < places[1]

    @property
    def symptom(self) -> str:
        """A text that is the same whenever the same is wrong with the same operation."""
        id = self.operation.id
        if self.kind in ("error", "trouble"):
            return f"{id} error {self.received_status}" if self.kind == "error" else f"{id} no whole answer"
        if self.is_accepted:
            return f"{id} accepts {self.expected_problem}: {self.expected_why}"
        if self.differences and all(difference.is_status for difference in self.differences):
            return f"{id} answers {self.received_status}"
        places = " ".join(sorted({_without_numbers(difference.place) for difference in self.differences}))
        kinds = sorted({difference.kind for difference in self.differences if difference.kind})
        return f"{id} {self.kind} {places}" + (f" ({', '.join(kinds)})" if kinds else "")


@dataclass(slots=True)
class Played:
    """What came of playing a scenario."""

    scenario: Scenario
    steps: list[Interaction]
    failure: Failure | None
    regions: list[Region]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of a scenario that was sent, and the reply."""

    planned: PlannedRequest
    reply: WireResponse


@dataclass(slots=True)
class Player:
    """Plays scenarios. `regions` is what is known of the choices; it narrows with every scenario that ends well."""

    oracle: Oracle
    client: Client
    subject: Subject
    tag: str
    regions: list[Region]
    evidence: dict[str, Interaction] = field(default_factory=dict)
    deviations: dict[Deviation, Interaction] = field(default_factory=dict)
    made: Creations = field(init=False)
    """Notes what is made on the target."""
    consulted: set[str] = field(default_factory=set)
    contradictions: dict[str, None] = field(default_factory=dict)
    """Operations whose behaviour led to a response that the document forbids: nothing was judged from there on."""
    lacking: set[str] = field(default_factory=set)
    """The operations that the target says it does not implement."""
    tally: PromiseTally = field(default_factory=PromiseTally)
    played: int = 0
    secret_members: frozenset[str] = frozenset()
    """The names of the members of bodies that are secrets."""
    learn: Callable[[object], None] = lambda secret: None
    """Told every secret that a target hands out."""
    turns: Turns = field(init=False)
    inbox: Inbox | None = None
    """Where messages of the target come in, if they can."""

    def __post_init__(self) -> None:
        self.turns = Turns(self.oracle.memory)
        self.made = Creations(self.subject, self.tag)

    def play_all(self, scenarios: Iterable[Scenario], connections: int) -> Iterator[Played]:
        """Play scenarios that have nothing in common, over so many connections; keep what each taught that ended well."""
        for played in self.turns.take(self.play, iter(scenarios), connections):
            both = common(self.regions, played.regions)
            if played.regions and not both:  # each went well, yet no choice explains both
                played = self.play(played.scenario)
                both = played.regions
            self.regions = both or self.regions
            yield played

    def play(self, scenario: Scenario, regions: list[Region] | None = None) -> Played:
        """Play a scenario under a fresh tag; stop at the first thing that is wrong. The regions found are not kept yet.

        Where a list is not in its order, and times are shown that several records share, the target may have finer ones.
        """
        played, memory = self._play(scenario, regions), self.oracle.memory
        if played.failure is None or memory.tells_apart or not memory.is_coarse or not lists_by_age(played.failure.operation):
            return played
        memory.tells_apart = True
        again = self._play(scenario, regions)
        if again.failure is not None:
            memory.tells_apart = False
            return played
        return again

    def _play(self, scenario: Scenario, regions: list[Region] | None) -> Played:
        play = self.new_play()
        hypotheses = self.oracle.hypotheses(self.regions if regions is None else regions)
        steps: list[Interaction] = []
        for planned in scenario.requests:
            failure, hypotheses = self.make(planned, play, hypotheses, steps)
            if failure is not None:
                return Played(scenario, steps, failure, [])
        return Played(scenario, steps, None, merged([dict(hypothesis.region) for hypothesis in hypotheses]))

    def send_unjudged(self, scenario: Scenario) -> list[Sent]:
        """Send a scenario and return what was sent; nothing is judged."""
        play = self.new_play()
        sent = []
        for planned in scenario.requests:
            try:
                call = play.call(planned)
            except Unresolved:
                continue
            reply, body = self.send(planned, play, call)
            play.note_reply(planned, reply, body)
            sent.append(Sent(planned, reply))
        return sent

    def send(self, planned: PlannedRequest, play: Play, call: WireRequest) -> tuple[WireResponse, Json | None]:
        """Send a request; return the response and its body, after noting what it made."""
        try:
            with self.turns.away():
                self.client.pause(planned.pause)
                reply = self.client.send(call)
        except Interrupted as interrupted:
            if interrupted.in_flight:
                self.made.note_lost(planned, play, "the run was interrupted before the response came")
            raise
        body = read_body(reply)
        self.note(planned, play, reply, body)
        return reply, body

    def new_play(self) -> Play:
        """Return the playing of a scenario under a tag that no other one has."""
        self.played += 1
        inbox = self.inbox.url if self.inbox else ""
        return Play(f"{self.tag}x{self.played}", self.played, self.subject.tenants, inbox=inbox)

    def make(
        self, planned: PlannedRequest, play: Play, hypotheses: list[Hypothesis], steps: list[Interaction]
    ) -> tuple[Failure | None, list[Hypothesis]]:
        """Send one request; return what is wrong, and the hypotheses after it."""
        if play.adrift:
            return None, hypotheses
        try:
            call = play.call(planned)
        except Unresolved:
            return None, hypotheses
        reply, body = self.send(planned, play, call)
        step = Interaction(call, reply, planned.note)
        steps.append(step)
        if self.client.is_put_off and reply.status in (429, 503):
            play.adrift = True  # whoever asks to wait for longer than anybody does is not judged, and not waited for
            return None, hypotheses
        self.oracle.memory.has_strays |= planned.unjudged and reply.is_success
        if self._says_nothing(planned, call, reply, play, hypotheses):
            return None, hypotheses
        flaws = self.oracle.judge.flaws(planned.operation, reply)
        self.tally.unexplained(planned, call, reply)
        if flaws:
            return Failure.of_flaws(planned, flaws, reply), hypotheses
        if planned.unjudged and planned.operation.behaviour is None:
            play.note_reply(planned, reply, body)
        if planned.unjudged:
            wrong = self.wrong_messages(play, [((), {})]) if play.receives and not reply.is_success else []
            return _of_messages(planned, wrong, reply), hypotheses
        if (first := play.replies.get(planned.like)) is not None and first.status != reply.status:
            difference = Mismatch(
                STATUS, f"{first.status}, as for a request without a token that is valid otherwise", f"{reply.status}"
            )
            return Failure("answer", planned, (difference,), received_status=reply.status, expected_success=False), hypotheses
        # Only after a pause does a time tell for certain what happened before the request.
        self.oracle.one_clock = self.client.target.local and planned.pause > 0
        following, explanation = self.oracle.follow(hypotheses, call, reply, body)
        leaked = play.of_others(planned, call, reply)
        if explanation.explained and leaked:
            difference = Mismatch("the body", "nothing that only another organization may see", leaked)
            self.tally.add(APART, planned.operation)
            failure = Failure("answer", planned, (difference,), received_status=reply.status, promise=APART)
            return failure, hypotheses
        if explanation.explained:
            if play.receives and (wrong := self.wrong_messages(play, explanation.messages)):
                return _of_messages(planned, wrong, reply), hypotheses
            self.tally.explained(planned, call, reply, play, explanation.reading)
            if play.receives and WEBHOOKS.applies(planned.operation):
                self.tally.add(WEBHOOKS, planned.operation)
            self._note_settled(hypotheses, following, step, explanation)
            play.note_reply(planned, reply, body)
            return None, following
        if planned.shared:
            play.adrift = True
            return None, hypotheses
        if planned.may_refuse and reply.status in MAY_BE_REFUSED_WITH:
            self.deviations.setdefault(RefusalDeviation(planned.may_refuse), step)
            return None, hypotheses
        promise = self.tally.explained(planned, call, reply, play, explanation.reading)
        return replace(failure_of(planned, explanation, reply), promise=promise), hypotheses

    def _says_nothing(
        self, planned: PlannedRequest, call: WireRequest, reply: WireResponse, play: Play, hypotheses: list[Hypothesis]
    ) -> bool:
        """Say whether a reply is neither right nor wrong, as far as the document says."""
        is_error = bool(reply.trouble) or (reply.status >= 500 and reply.status != NOT_IMPLEMENTED)
        if planned.unjudged and call.method != planned.operation.method and not is_error:
            return True  # the schemas of the operation say nothing about what another method answers
        if self.lacks(planned.operation, reply):
            play.adrift = True
            return True
        if not reply.trouble and self.oracle.contradicts_itself(hypotheses, planned.operation, call):
            self.contradictions[str(planned.operation)] = None
            play.adrift = True
            return True
        judge, response = self.oracle.judge, planned.operation.response(reply.status)
        if response and judge.is_unproven(planned.operation, reply.status) and judge.violations(response, reply):
            self.contradictions[str(planned.operation)] = None
        return False

    def lacks(self, operation: Operation, reply: WireResponse) -> bool:
        """Say whether a reply tells that the target does not implement an operation, with which it has never succeeded."""
        statuses = self.client.statuses.get(operation.id, Counter[int]())
        if reply.status != NOT_IMPLEMENTED or any(200 <= status < 300 for status in statuses):
            return False
        self.lacking.add(str(operation))
        return True

    def wrong_messages(self, play: Play, readings: Sequence[Told]) -> list[Mismatch]:
        """Return what is wrong about the messages that a request led to."""
        if self.inbox is None:
            return []
        own = f"/{play.tag}/"
        most = max((len(expected_at(self.inbox.url + own, messages)) for messages, _ in readings), default=0)
        arrived = self.inbox.collect(most, own)
        form = self.subject.contract.delivery.signature
        return compared(readings, arrived, self.inbox.url, form)

    def keep(self, played: Played) -> None:
        """Keep what a scenario that ended well taught about the choices."""
        if played.regions:
            self.regions = played.regions

    def possible(self, name: str) -> tuple[str, ...]:
        """Return the choices of an assumption that nothing has contradicted, in the order of the document."""
        left = {choice for region in self.regions for choice in region[name]}
        return tuple(choice for choice in self.subject.contract.assumptions[name].choices if choice in left)

    def would_learn(self, scenario: Scenario) -> bool:
        """Say whether a scenario consults an assumption that is still open, as far as the engine alone can tell."""
        open_names = {name for name in self.subject.contract.assumptions if len(self.possible(name)) > 1}
        return bool(open_names & self.consulted_by(scenario))

    def consulted_by(self, scenario: Scenario) -> set[str]:
        """Return the assumptions that a scenario consults when the engine plays it under the likeliest choices."""
        play = Play("dryrun", 1, self.subject.tenants)
        store = self.oracle.exchange.engine.new_store(self.oracle.seed)
        generator = Generator(random_seed=0)
        defaults = self.subject.contract.defaults()
        made = {
            name: defaults[name] if defaults.get(name) in choices else choices[0] for name, choices in self.regions[0].items()
        }
        consulted: set[str] = set()
        for planned in scenario.requests:
            try:
                call = play.call(planned)
            except Unresolved:
                continue
            answer = self.oracle.exchange.answer(as_request(call), store, Choices(made), generator)
            consulted.update(answer.rested_on)
            body = answer.body if isinstance(answer.body, (dict, list)) else None
            play.note_reply(planned, WireResponse(answer.status), body)
        return consulted

    def _note_settled(
        self, before: list[Hypothesis], after: list[Hypothesis], step: Interaction, explanation: Explanation
    ) -> None:
        self.consulted |= explanation.rested_on
        for deviation in explanation.deviations:
            self.deviations.setdefault(deviation, step)
        for name in self.subject.contract.assumptions:  # one choice may go with another that the answer rests on
            were = {choice for hypothesis in before for choice in hypothesis.region[name]}
            are = {choice for hypothesis in after for choice in hypothesis.region[name]}
            if are < were:
                self.evidence[name] = step

    def note(self, planned: PlannedRequest, play: Play, reply: WireResponse, body: Json | None) -> None:
        """Note what a request made, and the secrets that its response shows."""
        if self.secret_members:
            self._learn_secrets(body)
        self.made.note(planned, play, reply, body)

    def _learn_secrets(self, value: Json) -> None:
        for name, member in value.items() if isinstance(value, dict) else ():
            if name in self.secret_members:
                self.learn(member)
            self._learn_secrets(member)
        for element in value if isinstance(value, list) else ():
            self._learn_secrets(element)


def _of_messages(planned: PlannedRequest, wrong: Sequence[Mismatch], reply: WireResponse) -> Failure | None:
    """Return the failure of a request that led to wrong messages; None where none is wrong."""
    if not wrong:
        return None
    return Failure("answer", planned, tuple(wrong), received_status=reply.status, promise=WEBHOOKS)


def lists_by_age(operation: Operation) -> bool:
    """Say whether an operation lists records by their times of making, or may be asked to."""
    steps = [step for step in operation.steps if isinstance(step, List)]
    fields = [by.field for step in steps for order in step.order.possible() for by in order]
    return any(step.sort is not None or step.resource.created in fields for step in steps)


def failure_of(planned: PlannedRequest, explanation: Explanation, reply: WireResponse) -> Failure:
    """Return the failure of a reply that no reading explains."""
    nearest = explanation.nearest
    if nearest is None:
        return Failure("answer", planned, (Mismatch("the answer", "one that the contract explains", str(reply.status)),))
    return Failure(
        "answer",
        planned,
        tuple(nearest.comparison.differences),
        dict(nearest.rested_on),
        nearest.answer.problem,
        nearest.answer.problem is None,
        _status_in(nearest.comparison.differences, reply.status),
        expected_why=why_refused(nearest.answer),
    )


def _status_in(differences: Sequence[Mismatch], status: int) -> int:
    """Return the status that is wrong, which of simultaneous replies need not be that of the last one."""
    wrong = next((one.received.partition(" ")[0] for one in differences if one.is_status), "")
    return int(wrong) if wrong.isdecimal() else status


def why_refused(answer: Answer) -> str:
    """Return why an answer refuses a request, in words that are the same in every playing."""
    if answer.violations:
        return ", ".join(sorted({f"{_without_numbers(one.pointer) or one.location} {one.rule}" for one in answer.violations}))
    return generalized(answer.detail)


def generalized(text: str) -> str:
    """Return a text without what differs from one playing to the next: quoted texts, and words with digits."""
    return re.sub(r"\S*\d\S*", "*", re.sub(r"\"[^\"]*\"|'[^']*'", "*", text))


def _without_numbers(place: str) -> str:
    return "/".join("*" if token.isdecimal() else token for token in place.split("/"))
