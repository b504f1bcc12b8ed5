"""Random sequences over all operations and organizations: a Hypothesis state machine, derived from the contract alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, StopTest
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from contract_tests.forms import Form
from contract_tests.messages import Step
from contract_tests.moves import LEFT, Found, Move, Scenario, Template, Unresolved
from contract_tests.playing import Failure, Played, Player
from contract_tests.scripts import Script, Unprovidable
from contract_tests.values import texts
from contract_tests.worlds import World, merged

STEPS = 12
KEYS = 4
MOST_SHORTENING = 60
"""How many sequences are played at most to find a shorter one that goes wrong: they are sent to a real deployment."""


class Broken(Exception):  # noqa: N818 (it carries what was found)
    """Raised when no reading explains an answer."""


def explore(player: Player, forms: Sequence[Form], *, sequences: int, random_seed: int, known: set[str]) -> list[Played]:
    """Play random sequences; return the shortest one that goes wrong, if any does.

    `known` holds the causes that are told already; sequences that run into one of them end there and count as well.
    """
    found: list[Played] = []
    machine = seed(random_seed)(_machine(player, forms, known, found))
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


def _machine(player: Player, forms: Sequence[Form], known: set[str], found: list[Played]) -> type[RuleBasedStateMachine]:
    usable = [form for form in forms if form.makes or form.updates or form.deletes or form.gives or form.lists]
    first_found: list[int] = []
    ordinary = [text.value for text in texts() if not text.may_refuse]

    class Machine(RuleBasedStateMachine):
        """One sequence; it has a tag of its own, so that it starts from nothing."""

        @initialize()
        def begin(self) -> None:
            self.script = Script(forms, player.parties, "a random sequence")
            self.play = player.new_play()
            self.worlds: list[World] = player.lockstep.worlds(player.regions)
            self.steps: list[Step] = []
            self.ids: dict[tuple[str, int], list[Template]] = {}
            self.over = False

        @rule(data=st.data())
        def request(self, data: Any) -> None:
            """Send one request to one operation, with what it needs before it."""
            if self.over or (found and player.played - first_found[0] > MOST_SHORTENING):
                return
            draw = data.draw
            form = draw(st.sampled_from(usable))
            party = draw(st.integers(0, max(0, len(player.parties) - 1)))
            options: dict[str, Any] = {
                "party": party,
                "key": draw(st.integers(1, KEYS)),
                "variant": draw(st.integers(0, 5)),
                "fill": draw(st.sampled_from(["required", "full"])),
                "values": self.values(draw, form),
            }
            self.refer(draw, form, party, options)
            before = len(self.script.moves)
            try:
                self.script.call(form, f"a request of organization {party + 1}", **options)
            except Unprovidable:
                del self.script.moves[before:]
                return
            for move in self.script.moves[before:]:
                self.make(move, form)

        def values(self, draw: Any, form: Form) -> dict[str, Template]:
            """Return what some free fields hold: another value, null, a text that is easily damaged, or nothing."""
            values: dict[str, Template] = {}
            for slot in form.free:
                kind = draw(st.sampled_from(["filled", "filled", "null", "text", "left"]))
                if kind == "null" and "null" in slot.types:
                    values[slot.name] = None
                elif kind == "text" and slot.is_text:
                    text = draw(st.sampled_from(ordinary))
                    if slot.accepts(text):
                        values[slot.name] = text
                elif kind == "left" and not slot.required:
                    values[slot.name] = LEFT
            return values

        def refer(self, draw: Any, form: Form, party: int, options: dict[str, Any]) -> None:
            """Let ids refer to what earlier answers showed."""
            for slot in form.slots:
                if slot.role != "id" or slot.resource is None:
                    continue
                known_ids = self.ids.get((slot.resource.name, party), [])
                if known_ids:
                    chosen = draw(st.sampled_from(known_ids))
                    options.setdefault("path" if slot.location == "path" else "values", {})[slot.name] = chosen

        def make(self, move: Move, form: Form) -> None:
            """Make one move and hold the answer to the contract."""
            failure, self.worlds = player.make(move, self.play, self.worlds, self.steps)
            if failure is not None:
                self.over = True
                if failure.cause not in known:
                    self.fail(failure)
                return
            for other in forms:
                if other.operation is move.operation:
                    for resource, pointer in other.gives.items():
                        id_field = self.script.resource(resource).id
                        ids = self.ids.setdefault((resource, move.party), [])
                        if move.label in self.play.bodies and not self.is_known(
                            resource, found := Found(move.label, f"{pointer}/{id_field}")
                        ):
                            ids.append(found)

        def is_known(self, resource: str, found: Found) -> bool:
            """Say whether a record was there before the run: what is not its own is not changed, and not removed."""
            try:
                id = self.play.resolve(found)
            except Unresolved:
                return False
            return any(id in party.known.get(resource, ()) for party in player.parties)

        def fail(self, failure: Failure) -> None:
            """Note what was found, and have Hypothesis look for a shorter way to it."""
            scenario = Scenario(self.script.title, tuple(self.script.moves))
            found.append(Played(scenario, list(self.steps), failure, []))
            first_found[:] = first_found or [player.played]
            raise Broken(failure.cause)

        def teardown(self) -> None:
            """Keep what a sequence that ended well taught."""
            if hasattr(self, "over") and not self.over and self.worlds:
                player.regions = merged([dict(world.region) for world in self.worlds])

    return Machine
