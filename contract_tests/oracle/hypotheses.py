"""Following a target, answer by answer: every way of reading the contract that explains all that was seen so far.

A `Hypothesis` is one state that the target may be in, with the choices that are still open in it. For each exchange with the
target, every hypothesis is asked for every admissible answer, and what does not explain the answer that came is dropped. No
hypothesis left means that the contract is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from contract_tests.oracle.deviations import Deviation
from contract_tests.oracle.entity_tags import SeenTag
from contract_tests.oracle.initial_state import guards_of_unknown
from contract_tests.oracle.judging import Judge
from contract_tests.oracle.matching import Comparison
from contract_tests.oracle.memory import Memory
from contract_tests.oracle.messages import Sent
from contract_tests.oracle.pages import Walks
from contract_tests.oracle.placeholders import PlaceholderKind, Placeholders, is_placeholder, unknown, unknown_id
from contract_tests.oracle.regions import Region, merged, narrowed
from contract_tests.oracle.shapes import Shape, answer_shape
from contract_tests.oracle.tag_comparison import compare_tag
from contract_tests.oracle.times import Window
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.engine.choices import Choices
from mock_server.engine.generating import DIFFERS, FITS
from mock_server.engine.kept_answers import KEPT
from mock_server.engine.store import Owner, Snapshot, Store
from mock_server.engine.values import ABSENT
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Answer, Request

MOST_HYPOTHESES = 400

MOST_LOOKS = 400
"""How many requests are looked at to find an order of simultaneous ones; where one explains them it takes far fewer."""

FEW = 2
"""Of so many simultaneous requests, every order that explains the answers is followed; of more, the first one found."""


@dataclass(slots=True)
class Hypothesis:
    """A state that the target may be in."""

    region: Region
    store: Store


@dataclass(frozen=True, slots=True)
class Prediction:
    """One admissible answer, compared with the one that came."""

    answer: Answer
    rested_on: Mapping[str, str]
    comparison: Comparison
    deviations: tuple[Deviation, ...]
    """What is legal about the answer that came, yet not as any choice has it."""
    tag: SeenTag | None = None
    """The entity tag that came with it, where it may carry one."""
    body: Json | None = None
    """The body that came."""

    @property
    def explains(self) -> bool:
        """Whether the answer that came is this one."""
        return not self.comparison.differences


@dataclass(frozen=True, slots=True)
class Explanation:
    """What came of an exchange. `nearest` is the reading that came nearest, where none explains the answer."""

    explained: bool
    nearest: Prediction | None = None
    deviations: tuple[Deviation, ...] = ()
    rested_on: frozenset[str] = frozenset()
    new_ids: frozenset[tuple[str, Json]] = frozenset()
    """What was made, by resource and id."""

    messages: tuple[Sent, ...] = ()
    """What had to be sent to others, as each explaining reading has it."""

    reading: Prediction | None = None
    """One of the readings that explain the answer; else the nearest."""


@dataclass(slots=True)
class Oracle:
    """The contract, and what all hypotheses of one target have in common."""

    contract: Contract
    exchange: Exchange
    seed: Snapshot
    memory: Memory
    judge: Judge
    shapes: Mapping[str, Shape]
    one_clock: bool = False
    """Whether the times of the next answer all come from one clock that earlier answers have shown, and have to fit it."""

    @classmethod
    def of(cls, contract: Contract, credentials: Credentials, seed: Snapshot) -> Oracle:
        """Return the oracle with a target that knows `credentials` and had the records of `seed` before."""
        shapes = {operation.id: answer_shape(operation, contract) for operation in contract.operations}
        memory = Memory()
        for resource, owners in seed.records.items():
            for records in owners.values():
                memory.ids.setdefault(resource, {}).update(dict.fromkeys(records))
            memory.known[resource] = frozenset(memory.ids.get(resource, ()))
        exchange = Exchange(contract, credentials, checks_answers=False)  # placeholders fit no schema
        return cls(contract, exchange, seed, memory, Judge(contract), shapes)

    def hypotheses(self, regions: Iterable[Region]) -> list[Hypothesis]:
        """Return hypotheses in which nothing happened yet, one for each region."""
        self.memory.begin()
        return [Hypothesis(region, self.exchange.engine.new_store(self.seed)) for region in regions]

    def everything_open(self) -> Region:
        """Return the region in which no assumption is settled."""
        region = {name: tuple(assumption.choices) for name, assumption in self.contract.assumptions.items()}
        return {**region, **dict.fromkeys(guards_of_unknown(self.contract, self.seed), (FITS, DIFFERS))}

    def predictions(
        self, hypothesis: Hypothesis, call: WireRequest, reply: WireResponse, body: Json | None
    ) -> list[Prediction]:
        """Return every admissible answer of a hypothesis, compared with the reply."""
        request = as_request(call)
        made: list[Placeholders] = []

        def new_generator() -> Placeholders:
            made.append(Placeholders(cursors=self.memory.cursors, tags=self.memory.tags))
            return made[-1]

        predictions = []
        for answer, rested_on in self.exchange.readings(request, hypothesis.store, hypothesis.region, new_generator):
            predictions.append(self._compared(answer, rested_on, made[-1], hypothesis.region, call, reply, body))
        return predictions

    def _compared(
        self,
        answer: Answer,
        rested_on: Mapping[str, str],
        generator: Placeholders,
        region: Region,
        call: WireRequest,
        reply: WireResponse,
        body: Json | None,
    ) -> Prediction:
        previous: dict[tuple[Json, str], Json] = {}
        for change in answer.changes:
            if change.before is not None and change.after is not None:
                previous.update({(change.id, name): value for name, value in change.before.items()})
        comparison = Comparison(
            generator.made, self.memory, Window.of(reply, self.memory.clock.ahead), call.body, previous=previous
        )
        comparison.one_clock, comparison.region = self.one_clock, narrowed(region, rested_on)
        comparison.pages, comparison.address = generator.pages, _address(call, generator)
        comparison.walks = Walks(dict(self.memory.walks.ends))
        comparison.strangers_allowed = self.seed_is_shared(call)
        differences, deviations = self.judge.compare_status(answer, reply)
        comparison.differences.extend(differences)
        succeeds = not differences and answer.problem is None
        if succeeds and answer.operation is not None and answer.operation.behaviour and answer.body is not ABSENT:
            comparison.compare(self.shapes[answer.operation.id], answer.body, body)
        if succeeds and answer.operation is not None and answer.operation.behaviour:
            declared = answer.operation.behaviour.answer.headers
            for name, value in answer.headers:
                if name in declared:
                    comparison.compare_header(name, declared[name], value, reply.header(name))
        tag = None if differences or answer.problem else compare_tag(comparison, answer, generator, reply)
        return Prediction(answer, rested_on, comparison, deviations, tag, body)

    def contradicts_itself(self, hypotheses: Iterable[Hypothesis], operation: Operation, call: WireRequest) -> bool:
        """Say whether the document may ask for a response that its own schema forbids: then no response is right or wrong."""
        if operation.behaviour is None or not operation.behaviour.answer.unproven:
            return False
        for hypothesis in hypotheses:
            for answer, _ in self.exchange.readings(as_request(call), hypothesis.store, hypothesis.region, Placeholders):
                if answer.problem is None and self.judge.is_unfit(operation, answer):
                    return True
        return False

    def seed_is_shared(self, call: WireRequest) -> bool:
        """Say whether lists may hold what nobody here made: unless they ask for a key value of this run."""
        return self.judge.tag not in unquote(call.query) if self.judge.tag else True

    def follow(
        self, hypotheses: list[Hypothesis], call: WireRequest, reply: WireResponse, body: Json | None
    ) -> tuple[list[Hypothesis], Explanation]:
        """Return the hypotheses that explain a reply, as they are after it; none when the contract is broken."""
        compared = [(hypothesis, self.predictions(hypothesis, call, reply, body)) for hypothesis in hypotheses]
        explaining = [prediction for _, predictions in compared for prediction in predictions if prediction.explains]
        if not explaining:
            everything = [prediction for _, predictions in compared for prediction in predictions]
            nearest = min(everything, key=lambda prediction: _distance(prediction, reply), default=None)
            return [], Explanation(False, nearest, reading=nearest)
        least = min(len(prediction.deviations) for prediction in explaining)
        survivors: list[Hypothesis] = []
        for hypothesis, predictions in compared:
            chosen = [prediction for prediction in predictions if prediction.explains and len(prediction.deviations) == least]
            survivors.extend(self._next_hypotheses(hypothesis, chosen, call))
        best = [prediction for prediction in explaining if len(prediction.deviations) == least]
        new_ids = self._remember(best)
        rested_on = frozenset(
            name for _, predictions in compared for prediction in predictions for name in prediction.rested_on
        )
        sent = tuple((one.answer.messages, one.comparison.bindings) for one in best)
        return survivors[:MOST_HYPOTHESES], Explanation(True, None, best[0].deviations, rested_on, new_ids, sent, best[0])

    def follow_together(
        self, hypotheses: list[Hypothesis], exchanges: Sequence[tuple[WireRequest, WireResponse, Json | None]]
    ) -> tuple[list[Hypothesis], Explanation]:
        """Return the hypotheses in which the replies to simultaneous calls are explained by some order of the calls.

        There are none, and yet nothing is wrong, when too many orders would have to be looked at.
        """
        nearest = Explanation(False)
        looks = 0
        deepest = -1
        found: list[Hypothesis] = []
        remembered: set[tuple[str, Json]] = set()
        every_order = len(exchanges) <= FEW
        keyed = [resource for resource in self.contract.resources.values() if resource.key]
        hopeless: set[tuple[object, ...]] = set()
        # One of simultaneous requests may wait for long after it looked at its clock: only what came before them all is older.
        shown = latest = self.memory.latest
        largest = dict(self.memory.largest)  # nor need it have its id in the order in which it came to act
        tags = self.memory.tags.copy()

        def search(hypotheses: list[Hypothesis], left: tuple[int, ...]) -> None:
            nonlocal nearest, deepest, looks, shown
            if not left:
                found.extend(hypotheses)
                return
            before = (frozenset(left), *(_state(hypothesis, keyed) for hypothesis in hypotheses))
            if before in hopeless:
                return
            found_before = len(found)
            for position in left:
                looks += 1
                if looks > MOST_LOOKS:
                    return
                following, explanation = self.follow([_copy(hypothesis) for hypothesis in hypotheses], *exchanges[position])
                shown, self.memory.latest = max(shown, self.memory.latest), latest
                self.memory.largest = dict(largest)
                self.memory.tags = tags.copy()
                if following:
                    search(following, tuple(other for other in left if other != position))
                elif len(exchanges) - len(left) > deepest:
                    deepest, nearest = len(exchanges) - len(left), explanation
                remembered.update(explanation.new_ids)
                self.memory.forget_ids(explanation.new_ids)
                if found and not every_order:
                    return
            if len(found) == found_before:
                hopeless.add(before)  # other orders of the same requests lead here too

        search(hypotheses, tuple(range(len(exchanges))))
        self.memory.tags = tags.after_simultaneous()
        if not found:
            return [], nearest if looks <= MOST_LOOKS else Explanation(True)
        self.memory.note_ids(remembered)
        self.memory.latest = shown
        return found, Explanation(True)

    def _remember(self, predictions: list[Prediction]) -> frozenset[tuple[str, Json]]:
        """Keep what explaining readings show, whatever the hypothesis; return the ids that are new."""
        new_ids: set[tuple[str, Json]] = set()
        for prediction in predictions:
            for placeholder, found in prediction.comparison.bindings.items():
                made = prediction.comparison.made.get(placeholder)
                if made is not None and made.kind is PlaceholderKind.ID and made.resource is not None:
                    new_ids.add((made.resource, found))
            self.memory.tags.learn(prediction.answer.changes, prediction.comparison.bindings, prediction.tag)
            self.memory.cursors.update(prediction.comparison.cursors)
            self.memory.walks = Walks() if prediction.answer.changes else prediction.comparison.walks
            self.memory.type_names.update(prediction.comparison.type_names)
            self.memory.latest = max([self.memory.latest, *prediction.comparison.times])
            least, most = prediction.comparison.ahead
            self.memory.ahead = max(least, self.memory.ahead[0]), min(most, self.memory.ahead[1])
        if predictions:
            self.memory.clock.note(predictions[0].comparison.clock_shown)
            self.memory.clock.note_fine(predictions[0].comparison.fine)
        self.memory.note_ids(new_ids)
        return frozenset(new_ids)

    def _next_hypotheses(self, hypothesis: Hypothesis, predictions: list[Prediction], call: WireRequest) -> list[Hypothesis]:
        """Return what becomes of a hypothesis: one for each state that the readings lead to, and for each region in it."""
        by_state: dict[str, list[Prediction]] = {}
        for prediction in predictions:
            learned = [(resource.name, *rest) for resource, *rest in prediction.comparison.learned]
            by_state.setdefault(repr((prediction.answer.changes, learned)), []).append(prediction)
        following: list[Hypothesis] = []
        before = hypothesis.store.snapshot() if len(by_state) > 1 else None
        for number, group in enumerate(by_state.values()):
            regions = merged([narrowed(hypothesis.region, prediction.rested_on) for prediction in group])
            store = hypothesis.store
            if number and before is not None:
                store = self.exchange.engine.new_store(self.seed)
                store.restore(before)
            following.extend(Hypothesis(region, store) for region in regions[:1])
            self._advance(store, group[0], call, regions[0])
            following.extend(Hypothesis(region, store.copy()) for region in regions[1:])
        return following

    def _advance(self, store: Store, prediction: Prediction, call: WireRequest, region: Region) -> None:
        """Bring a store to the state after `prediction`, with what the answer told."""
        comparison = prediction.comparison
        if prediction.answer.changes:
            generator = Placeholders(comparison.bindings, tags=self.memory.tags)
            # Where what was found is what was there before, the engine may ask for a choice that it did not ask for at first.
            choices = {**{name: open_ones[0] for name, open_ones in region.items()}, **prediction.rested_on}
            answer = self.exchange.answer(as_request(call), store, Choices(choices), generator)
            for change in answer.changes:
                if change.resource == KEPT and change.after is not None and "body" in change.after:
                    store.put(KEPT, change.organization, change.id, {**change.after, "body": prediction.body})
                    continue
                unseen = {
                    name: unknown(change.resource, change.id, name)
                    for name, value in (change.after or {}).items()
                    if is_placeholder(value) and value in generator.made
                }
                if change.after is None or not unseen:
                    continue
                id, id_field = change.id, self.contract.resources[change.resource].id
                if id_field in unseen:  # another request has the same stand-in for another record
                    self.memory.untold += 1
                    unseen[id_field] = id = unknown_id(change.resource, self.memory.untold)
                    store.remove(change.resource, change.organization, change.id)
                store.put(change.resource, change.organization, id, {**change.after, **unseen})
        organization = call.organization
        for resource, id, name, value in comparison.learned:
            owner: Owner = organization if resource.owned else None
            found = comparison.bindings.get(id, id)
            record = store.get(resource.name, owner, found)
            if record is not None:
                store.put(resource.name, owner, found, {**record, name: value})
        store.commit()


def _address(call: WireRequest, generator: Placeholders) -> str:
    """Return what a call asks for, but for the page of it."""
    pages = {asked.cut.parameter for asked in generator.pages.values()}
    query = [pair for pair in parse_qsl(call.query, keep_blank_values=True) if pair[0] not in pages]
    return f"{call.method} {call.path}?{query} of {call.organization}"


def as_request(call: WireRequest) -> Request:
    """Return a call as the exchange takes it."""
    headers: dict[bytes, bytes] = {}
    for name, value in call.headers:
        headers[name.lower().encode("latin-1")] = value.encode("latin-1", "replace")
    return Request(call.method, call.path, call.query, headers, call.body)


def _state(hypothesis: Hypothesis, keyed: Sequence[Resource]) -> object:
    """Return what is equal for equal hypotheses, whatever the order in which their records were made.

    The order in which records took a key that they share may count.
    """
    snapshot = hypothesis.store.snapshot()
    records = (
        (name, owner, str(id), repr(record))
        for name, owners in snapshot.records.items()
        for owner, held in owners.items()
        for id, record in held.items()
    )
    in_turn = tuple(repr(snapshot.shared.get(resource.name, {}).get(resource.key)) for resource in keyed)
    return tuple(sorted(hypothesis.region.items())), frozenset(records), in_turn


def _copy(hypothesis: Hypothesis) -> Hypothesis:
    return Hypothesis(hypothesis.region, hypothesis.store.copy())


def _distance(prediction: Prediction, reply: WireResponse) -> tuple[bool, bool, int]:
    is_success = prediction.answer.problem is None
    return (is_success != reply.is_success, prediction.answer.status != reply.status, len(prediction.comparison.differences))
