"""Random sequences over all operations and organizations: a Hypothesis state machine, derived from the contract alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, StopTest
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from contract_tests.oracle.hypotheses import Hypothesis, merged
from contract_tests.runner.player import Failure, Played, Player
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import OMITTED, FromResponse, PlannedRequest, Scenario, Template, Unresolved
from contract_tests.scenarios.values import texts
from contract_tests.transport.wire import Interaction

STEPS = 12
KEYS = 4
MOST_SHORTENING = 60
"""How many sequences are played at most to find a shorter one that goes wrong: they are sent to a real deployment."""


class Broken(Exception):  # noqa: N818 (it carries what was found)
    """Raised when no reading explains an answer."""


def explore(
    player: Player, signatures: Sequence[Signature], *, sequences: int, random_seed: int, known: set[str]
) -> list[Played]:
    """Play random sequences; return the shortest one that goes wrong, if any does.

    `known` holds the causes that are told already; sequences that run into one of them end there and count as well.
    """
    found: list[Played] = []
    machine = seed(random_seed)(_machine(player, signatures, known, found))
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=sequences,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                derandomize=False,
                print_blob=False,
                report_multiple_bugs=False,
                verbosity=Verbosity.quiet,
                phases=phases,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except (Broken, Flaky):
        pass
    except BaseExceptionGroup as group:
        if not all(isinstance(error, (Broken, Flaky, StopTest)) for error in group.exceptions):
            raise
    return [min(found, key=lambda played: len(played.steps))] if found else []


def _machine(
    player: Player, signatures: Sequence[Signature], known: set[str], found: list[Played]
) -> type[RuleBasedStateMachine]:
    usable = [
        signature
        for signature in signatures
        if signature.makes or signature.updates or signature.deletes or signature.gives or signature.lists
    ]
    first_found: list[int] = []
    ordinary = [text.value for text in texts() if not text.may_refuse]

    class Machine(RuleBasedStateMachine):
        """One sequence; it has a tag of its own, so that it starts from nothing."""

        @initialize()
        def begin(self) -> None:
            self.builder = ScenarioBuilder(signatures, player.tenants, "a random sequence")
            self.play = player.new_play()
            self.hypotheses: list[Hypothesis] = player.oracle.hypotheses(player.regions)
            self.steps: list[Interaction] = []
            self.ids: dict[tuple[str, int], list[Template]] = {}
            self.over = False

        @rule(data=st.data())
        def request(self, data: Any) -> None:
            """Send one request to one operation, with what it needs before it."""
            if self.over or (found and player.played - first_found[0] > MOST_SHORTENING):
                return
            draw = data.draw
            signature = draw(st.sampled_from(usable))
            tenant = draw(st.integers(0, max(0, len(player.tenants) - 1)))
            options: dict[str, Any] = {
                "tenant": tenant,
                "key": draw(st.integers(1, KEYS)),
                "variant": draw(st.integers(0, 5)),
                "fill": draw(st.sampled_from(["required", "full"])),
                "values": self.values(draw, signature),
            }
            self.refer(draw, signature, tenant, options)
            before = len(self.builder.requests)
            try:
                self.builder.call(signature, f"a request of organization {tenant + 1}", **options)
            except Unprovidable:
                del self.builder.requests[before:]
                return
            for planned in self.builder.requests[before:]:
                self.make(planned, signature)

        def values(self, draw: Any, signature: Signature) -> dict[str, Template]:
            """Return what some free fields hold: another value, null, a text that is easily damaged, or nothing."""
            values: dict[str, Template] = {}
            for slot in signature.free:
                kind = draw(st.sampled_from(["filled", "filled", "null", "text", "left"]))
                if kind == "null" and "null" in slot.types:
                    values[slot.name] = None
                elif kind == "text" and slot.is_text:
                    text = draw(st.sampled_from(ordinary))
                    if slot.accepts(text):
                        values[slot.name] = text
                elif kind == "left" and not slot.required:
                    values[slot.name] = OMITTED
            return values

        def refer(self, draw: Any, signature: Signature, tenant: int, options: dict[str, Any]) -> None:
            """Let ids refer to what earlier answers showed."""
            for slot in signature.slots:
                if slot.role != "id" or slot.resource is None:
                    continue
                known_ids = self.ids.get((slot.resource.name, tenant), [])
                if known_ids:
                    chosen = draw(st.sampled_from(known_ids))
                    options.setdefault("path" if slot.location == "path" else "values", {})[slot.name] = chosen

        def make(self, planned: PlannedRequest, signature: Signature) -> None:
            """Send one request and hold the answer to the contract."""
            failure, self.hypotheses = player.make(planned, self.play, self.hypotheses, self.steps)
            if failure is not None:
                self.over = True
                if failure.cause not in known:
                    self.fail(failure)
                return
            for other in signatures:
                if other.operation is planned.operation:
                    for resource, pointer in other.gives.items():
                        id_field = self.builder.resource(resource).id
                        ids = self.ids.setdefault((resource, planned.tenant), [])
                        if planned.label in self.play.bodies and not self.is_known(
                            resource, found := FromResponse(planned.label, f"{pointer}/{id_field}")
                        ):
                            ids.append(found)

        def is_known(self, resource: str, found: FromResponse) -> bool:
            """Say whether a record was there before the run: what is not its own is not changed, and not removed."""
            try:
                id = self.play.resolve(found)
            except Unresolved:
                return False
            return any(id in tenant.known.get(resource, ()) for tenant in player.tenants)

        def fail(self, failure: Failure) -> None:
            """Note what was found, and have Hypothesis look for a shorter way to it."""
            scenario = Scenario(self.builder.title, tuple(self.builder.requests))
            found.append(Played(scenario, list(self.steps), failure, []))
            first_found[:] = first_found or [player.played]
            raise Broken(failure.cause)

        def teardown(self) -> None:
            """Keep what a sequence that ended well taught."""
            if hasattr(self, "over") and not self.over and self.hypotheses:
                player.regions = merged([dict(hypothesis.region) for hypothesis in self.hypotheses])

    return Machine
