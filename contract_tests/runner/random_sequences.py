"""Random sequences over all operations and organizations: a Hypothesis state machine, derived from the contract alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, StopTest, Unsatisfiable
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from contract_tests.oracle.hypotheses import Hypothesis
from contract_tests.oracle.regions import merged
from contract_tests.runner.failures import Failure
from contract_tests.runner.player import Played, Player
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import OMITTED, FromResponse, PlannedRequest, Scenario, Template, Unresolved
from contract_tests.scenarios.values import ORDINARY
from contract_tests.transport.wire import Interaction

STEPS = 12
KEYS = 4
MOST_SHRINKING = 60
"""How many sequences are played at most to find a shorter one that goes wrong: they are sent to a real deployment."""


class Broken(Exception):  # noqa: N818 (it carries what was found)
    """Raised when no reading explains an answer."""


def explore(player: Player, *, sequences: int, random_seed: int, known: set[str]) -> list[Played]:
    """Play random sequences; return the shortest one that goes wrong, if any does.

    `known` holds the causes that are told already; sequences that run into one of them end there and count as well.
    """
    if not _usable(player):
        return []
    search = Search(player, known)
    machine: type[RandomSequence] = type("Machine", (RandomSequence,), {"search": search})
    try:
        run_state_machine_as_test(
            seed(random_seed)(machine),
            settings=settings(
                max_examples=sequences,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                derandomize=False,
                print_blob=False,
                report_multiple_bugs=False,
                verbosity=Verbosity.quiet,
                phases=(Phase.explicit, Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
    except (Broken, Flaky, Unsatisfiable):
        pass
    except BaseExceptionGroup as group:
        if not all(isinstance(error, (Broken, Flaky, StopTest)) for error in group.exceptions):
            raise
    return [min(search.found, key=lambda played: len(played.steps))] if search.found else []


@dataclass(slots=True)
class Search:
    """What the sequences of one search share."""

    player: Player
    known: set[str]
    found: list[Played] = field(default_factory=list)
    first_found_at: int = 0
    """How many scenarios were played when the first sequence went wrong."""

    @property
    def is_over(self) -> bool:
        """Whether enough was tried to find a shorter way to what was found."""
        return bool(self.found) and self.player.played - self.first_found_at > MOST_SHRINKING

    def add(self, played: Played) -> None:
        """Note a sequence that went wrong."""
        if not self.found:
            self.first_found_at = self.player.played
        self.found.append(played)


def _usable(player: Player) -> list[Signature]:
    return [one for one in player.subject.signatures if one.makes or one.updates or one.deletes or one.gives or one.lists]


class RandomSequence(RuleBasedStateMachine):
    """One sequence; it has a tag of its own, so that it starts from nothing."""

    search: ClassVar[Search]

    @initialize()
    def begin(self) -> None:
        """Start from nothing."""
        player = self.search.player
        self.usable = _usable(player)
        self.builder = ScenarioBuilder(player.subject, "a random sequence")
        self.play = player.new_play()
        self.hypotheses: list[Hypothesis] = player.oracle.hypotheses(player.regions)
        self.steps: list[Interaction] = []
        self.ids: dict[tuple[str, int], list[Template]] = {}
        self.over = False

    @rule(data=st.data())
    def request(self, data: Any) -> None:
        """Send one request to one operation, with what it needs before it."""
        if self.over or self.search.is_over:
            return
        draw = data.draw
        signature = draw(st.sampled_from(self.usable))
        tenant = draw(st.integers(0, max(0, len(self.search.player.subject.tenants) - 1)))
        options: dict[str, Any] = {
            "tenant": tenant,
            "key": draw(st.integers(1, KEYS)),
            "variant": draw(st.integers(0, 5)),
            "fill": draw(st.sampled_from(["required", "full"])),
            "values": self._values(draw, signature),
        }
        self._refer(draw, signature, tenant, options)
        before = len(self.builder.requests)
        try:
            self.builder.call(signature, f"a request of organization {tenant + 1}", **options)
        except Unprovidable:
            del self.builder.requests[before:]
            return
        for planned in self.builder.requests[before:]:
            self._make(planned)

    def teardown(self) -> None:
        """Keep what a sequence that ended well taught."""
        if hasattr(self, "over") and not self.over and self.hypotheses:
            self.search.player.regions = merged([dict(hypothesis.region) for hypothesis in self.hypotheses])

    def _values(self, draw: Any, signature: Signature) -> dict[str, Template]:
        """Return what some free fields hold: another value, null, a text that is easily damaged, or nothing."""
        values: dict[str, Template] = {}
        for slot in signature.free:
            kind = draw(st.sampled_from(["filled", "filled", "null", "text", "left"]))
            if kind == "null" and "null" in slot.types:
                values[slot.name] = None
            elif kind == "text" and slot.is_text:
                text = draw(st.sampled_from(list(ORDINARY.values())))
                if slot.accepts(text):
                    values[slot.name] = text
            elif kind == "left" and not slot.required:
                values[slot.name] = OMITTED
        return values

    def _refer(self, draw: Any, signature: Signature, tenant: int, options: dict[str, Any]) -> None:
        """Let ids refer to what earlier answers showed."""
        for slot in signature.slots:
            if slot.role != "id" or slot.resource is None:
                continue
            known_ids = self.ids.get((slot.resource.name, tenant), [])
            if known_ids:
                chosen = draw(st.sampled_from(known_ids))
                options.setdefault(slot.argument, {})[slot.name] = chosen

    def _make(self, planned: PlannedRequest) -> None:
        """Send one request and hold the answer to the contract."""
        player = self.search.player
        failure, self.hypotheses = player.make(planned, self.play, self.hypotheses, self.steps)
        if failure is not None:
            self.over = True
            if failure.cause not in self.search.known:
                self._fail(failure)
            return
        if planned.label in self.play.bodies:
            self._note_ids(planned)

    def _note_ids(self, planned: PlannedRequest) -> None:
        """Keep the ids of what a request made, for later ones to refer to."""
        subject = self.search.player.subject
        for signature in subject.signatures:
            if signature.operation is planned.operation:
                for resource, pointer in signature.gives.items():
                    found = FromResponse(planned.label, f"{pointer}/{subject.contract.resources[resource].id}")
                    if not self._is_known(resource, found):
                        self.ids.setdefault((resource, planned.tenant), []).append(found)

    def _is_known(self, resource: str, found: FromResponse) -> bool:
        """Say whether a record was there before the run: what is not its own is not changed, and not removed."""
        try:
            id = self.play.resolve(found)
        except Unresolved:
            return False
        return any(id in tenant.known.get(resource, ()) for tenant in self.search.player.subject.tenants)

    def _fail(self, failure: Failure) -> None:
        """Note what was found, and have Hypothesis look for a shorter way to it."""
        scenario = Scenario(self.builder.title, tuple(self.builder.requests))
        self.search.add(Played(scenario, list(self.steps), failure, []))
        raise Broken(failure.cause)
