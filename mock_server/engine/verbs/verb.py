"""What every verb is: a kind of step that a document may hold, what reads one, and what it does, compiled to a function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.steps import StepReader
from mock_server.contract.model import Resource, Step
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Fields

Lookups: TypeAlias = Iterator[tuple[str, Fields]]
"""Names of resources, and the fields by whose values their records are looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Verb(Step, ABC):
    """A step, as its verb makes it."""

    kind: ClassVar[DeclarationKind]
    """What a step may hold in a document; the name is the verb."""

    resource_key: ClassVar[str] = ""
    """Under what a step names its resource; under its verb, where this is empty."""

    @abstractmethod
    def __str__(self) -> str:
        """Tell what the step does, as `mock-server explain` shows it."""

    @classmethod
    @abstractmethod
    def read(cls, reader: StepReader) -> Self | None:
        """Return the step that `reader` reads; None, with flaws noted, when it is wrong."""

    def lookups(self, resources: Mapping[str, Resource]) -> Lookups:
        """Yield the fields by which the step finds records, beside ids and keys."""
        return iter(())

    @property
    def nothing(self) -> Any:
        """What the step comes to where it is not done."""
        return None

    @abstractmethod
    def compile(self, scope: Scope) -> Perform:
        """Return the function that performs the step."""
