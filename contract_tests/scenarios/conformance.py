"""Scenarios that hold a target to what the contract promises, derived from its behaviours and schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, zip_longest
from typing import TypeAlias

from contract_tests.scenarios.builder import ScenarioBuilder, playable
from contract_tests.scenarios.bulk_cases import BulkCases
from contract_tests.scenarios.caller_cases import CallerCases
from contract_tests.scenarios.conditional_cases import ConditionalCases
from contract_tests.scenarios.credential_cases import CredentialCases
from contract_tests.scenarios.embedding_cases import EmbeddingCases
from contract_tests.scenarios.guard_cases import GuardCases
from contract_tests.scenarios.idempotency_cases import IdempotencyCases
from contract_tests.scenarios.key_cases import IsPlain, KeyCases
from contract_tests.scenarios.list_cases import ListCases
from contract_tests.scenarios.negative_cases import NegativeCases
from contract_tests.scenarios.occasion_cases import OccasionCases
from contract_tests.scenarios.parameter_cases import ParameterCases
from contract_tests.scenarios.read_cases import ReadCases
from contract_tests.scenarios.reference_cases import ReferenceCases
from contract_tests.scenarios.shown_cases import ShownCases
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.size_cases import SizeCases
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Scenario
from contract_tests.scenarios.update_cases import UpdateCases
from contract_tests.scenarios.value_cases import ValueCases
from contract_tests.scenarios.webhook_cases import WebhookCases
from contract_tests.scenarios.write_cases import WriteCases

Writer: TypeAlias = Callable[[], ScenarioBuilder]


def conformance_scenarios(
    subject: Subject,
    *,
    is_plain: IsPlain,
    expired_token: str = "",
    undocumented_methods: bool = False,
    thinning: int = 1,
    spread: bool = False,
    operations: frozenset[str] = frozenset(),
) -> Iterator[list[Scenario]]:
    """Yield the scenarios that can be played with what is known; of those for other operations than these, none.

    The first of each sort for each operation come first, then the second ones, and so on: where time is short, something of
    everything has been tried.
    """
    negative = NegativeCases(subject, expired_token=expired_token, other_methods=undocumented_methods, spread=spread)
    keys = KeyCases(subject, is_plain, spread)
    sorts: dict[tuple[str, str], list[Writer]] = {}
    for write in chain(
        negative.writers(),
        ReadCases(subject).writers(),
        keys.writers(),
        UpdateCases(subject, is_plain, spread).writers(),
        WriteCases(subject).writers(),
        ListCases(subject).writers(),
        ValueCases(subject, thinning, spread).writers(),
        ParameterCases(subject).writers(),
        SizeCases(subject, spread).writers(),
        BulkCases(subject).writers(),
        ReferenceCases(subject).writers(),
        EmbeddingCases(subject).writers(),
        ShownCases(subject).writers(),
        CredentialCases(subject).writers(),
        GuardCases(subject).writers(),
        OccasionCases(subject).writers(),
        CallerCases(subject).writers(),
        ConditionalCases(subject).writers(),
        IdempotencyCases(subject).writers(),
        WebhookCases(subject).writers(),
        keys.writers_of_many(),
    ):
        if _is_for(write, operations):
            sorts.setdefault(_sort(write), []).append(write)
    for some in zip_longest(*sorts.values()):
        written = playable(write for write in some if write is not None)
        yield [scenario for scenario in written if scenario.requests]


def _sort(write: Writer) -> tuple[str, str]:
    """Return what a scenario is written by, and for which operation."""
    function = write.func if isinstance(write, partial) else write
    operation = next((one.operation.id for one in getattr(write, "args", ()) if isinstance(one, Signature)), "")
    return function.__qualname__, operation


def _is_for(write: Writer, operations: frozenset[str]) -> bool:
    """Say whether a scenario is written for one of some operations, or for none in particular."""
    given = {one.operation.id for one in getattr(write, "args", ()) if isinstance(one, Signature)}
    return not operations or not given or bool(given & operations)
