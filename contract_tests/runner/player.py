"""Playing a scenario against a target, while the oracle follows, until something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from contract_tests.oracle.deviations import Deviation, RefusalDeviation
from contract_tests.oracle.hypotheses import Explanation, Hypothesis, Oracle, as_request
from contract_tests.oracle.judging import read_body
from contract_tests.oracle.messages import Sent as Told
from contract_tests.oracle.messages import compared, expected_at
from contract_tests.oracle.mismatch import STATUS, Mismatch
from contract_tests.oracle.regions import Region, common, merged
from contract_tests.runner.failures import Failure, failure_of, of_messages
from contract_tests.runner.made import Creations
from contract_tests.runner.promise_kinds import APART, WEBHOOKS
from contract_tests.runner.promise_tally import PromiseTally
from contract_tests.runner.turns import IN_ONE, Turns
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

NOT_IMPLEMENTED = 501
MAY_BE_REFUSED_WITH = frozenset({400, 404, 405, 413, 414, 422, 431})


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

    def play_all(self, scenarios: Iterable[Scenario], connections: int, *, few: bool = False) -> Iterator[Played]:
        """Play scenarios that have nothing in common, over so many connections; keep what each taught that ended well.

        They are taken from `scenarios` some at a time, after those before were yielded; with `few`, one for each connection.
        """
        for played in self.turns.take(self.play, iter(scenarios), connections, in_one=1 if few else IN_ONE):
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
            return of_messages(planned, wrong, reply), hypotheses
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
                return of_messages(planned, wrong, reply), hypotheses
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
        if reply.status != NOT_IMPLEMENTED or self.client.has_succeeded(operation.id):
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


def lists_by_age(operation: Operation) -> bool:
    """Say whether an operation lists records by their times of making, or may be asked to."""
    steps = [step for step in operation.steps if isinstance(step, List)]
    fields = [by.field for step in steps for order in step.order.possible() for by in order]
    return any(step.sort is not None or step.resource.created in fields for step in steps)
