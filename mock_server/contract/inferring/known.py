"""Which words of the language there are: only these are proposed."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.behaviours.declarations import kind_of
from mock_server.contract.behaviours.steps import VerbReader
from mock_server.contract.documents.vocabulary import EXTENSIONS


class KnownWords:
    """The words that steps and resources may have."""

    def __init__(self, verbs: Mapping[str, VerbReader]) -> None:
        self._verbs = verbs

    def step(self, verb: str, member: str = "as") -> bool:
        """Say whether there is a verb, and whether its steps may have a member."""
        return verb in self._verbs and member in self._verbs[verb].kind.members

    def top(self, extension: str) -> bool:
        """Say whether a document may have an extension at its top."""
        return extension in EXTENSIONS

    def resource(self, member: str) -> bool:
        """Say whether a resource may declare a member."""
        return member in kind_of("resource").members
