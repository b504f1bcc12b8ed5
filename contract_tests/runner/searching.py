"""Searching for a case that goes wrong, among those that Schemathesis makes of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky, Unsatisfiable
from schemathesis import GenerationMode

from contract_tests.runner.player import Played
from contract_tests.runner.random_sequences import Broken
from contract_tests.runner.read_operations import operations_of
from contract_tests.scenarios.signatures import Signature
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract

Sender = Callable[[Any], Played | None]
"""Sends a case and returns what came of it; None where it cannot be sent."""

MOST_TOLD = 200
"""How many characters of an error of a generator are told."""


@dataclass(frozen=True, slots=True)
class Generation:
    """How requests are generated: how many of each kind for an operation, and of which random seed.

    `known` has the causes that are told already. What cannot be generated goes to `limits`: it says nothing of a target.
    """

    contract: Contract
    examples: int
    random_seed: int
    known: set[str]
    limits: list[str]

    def search(self, signatures: Sequence[Signature], sender: Callable[[Signature, str], Sender]) -> Iterator[Played]:
        """Yield, for each operation, the smallest valid and the smallest invalid case that goes wrong in a new way."""
        try:
            operations = operations_of(self.contract) if signatures else {}
        except Exception as error:
            self.limits.append(f"Requests were not generated: Schemathesis cannot read the document ({_told(error)}).")
            return
        for signature in signatures:
            operation = operations.get((signature.operation.method, signature.operation.path))
            if operation is None:
                self.limits.append(f"Requests were not generated for {signature.operation}: Schemathesis cannot read it.")
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                one = _Search(self, sender(signature, str(mode.value)))
                if trouble := one.run(partial(operation.as_strategy, generation_mode=mode)):
                    kind = str(mode.value).capitalize()
                    self.limits.append(f"{kind} requests were not generated for {signature.operation}: {trouble}.")
                yield from one.found[-1:]


class _Search:
    """A search for one case that goes wrong."""

    def __init__(self, generation: Generation, send: Sender) -> None:
        self.found: list[Played] = []
        self._generation = generation
        self._send = send
        self._raised: list[BaseException] = []

    def run(self, make_strategy: Callable[[], Any]) -> str:
        """Have Hypothesis send cases until one is wrong and there is no smaller one; return why it has none to send."""
        options = settings(
            max_examples=self._generation.examples,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        try:
            seed(self._generation.random_seed)(options(given(case=make_strategy())(self._try)))()
        except (Broken, Flaky, Unsatisfiable):
            pass  # an operation may have no invalid requests at all
        except BaseExceptionGroup as group:
            if not all(isinstance(error, (Broken, Flaky)) for error in group.exceptions):
                raise
        except Exception as error:
            if any(error is one for one in self._raised):
                raise
            return _told(error)
        return ""

    def _try(self, case: Any) -> None:
        try:
            played = self._send(case)
        except BaseException as error:  # Hypothesis raises it again: it is not to be taken for trouble of the generator
            self._raised.append(error)
            raise
        if played is None or played.failure is None:
            return
        if played.failure.cause not in self._generation.known:
            self.found.append(played)
            raise Broken(played.failure.cause)


def _told(error: Exception) -> str:
    """Return the first line of what an error says."""
    said = str(error).strip().partition("\n")[0][:MOST_TOLD].rstrip(".")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def is_json_value(value: Json) -> bool:
    """Say whether a generated value can be written as JSON."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_json_value(member) for name, member in value.items())
    if isinstance(value, list):
        return all(is_json_value(element) for element in value)
    return value is None or isinstance(value, (bool, int, float, str))
