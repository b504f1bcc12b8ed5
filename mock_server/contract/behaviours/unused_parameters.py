"""Query parameters that operations document and their behaviours take no notice of."""

from __future__ import annotations

from collections.abc import Collection

from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import piece
from mock_server.contract.messages.model import Parameter

HINT = "use $request.query.NAME in a step, or leave the parameter out"


class UnusedParameters:
    """What the behaviours of one path use.

    A parameter that nothing uses is held to its schema and changes nothing, as if a client had misspelt it. Those that several
    operations of the path share have to be used by one of them. One that has to be there with the only value that it may have,
    as `?force=true` of what would be dangerous otherwise, has its effect in being there.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._unused: list[tuple[Node, Parameter]] = []

    def note(
        self,
        behaviour: Node,
        parameters: Collection[Parameter],
        used: Collection[tuple[str, str]],
        credentials: Collection[str],
    ) -> None:
        """Note what an operation documents and its behaviour uses, by location and name; `credentials` tell who calls."""
        for parameter in parameters:
            is_confirmation = parameter.required and len({str(one).lower() for one in parameter.check.schema.values or ()}) == 1
            if parameter.location == "query" and parameter.name not in credentials and not is_confirmation:
                if ("query", parameter.name) in used:
                    self._used.add(parameter.pointer)
                else:
                    self._unused.append((behaviour, parameter))

    def warn(self) -> None:
        """Warn of each parameter that nothing uses, at the behaviours that might."""
        for behaviour, parameter in self._unused:
            if parameter.pointer not in self._used:
                behaviour.warn(f"nothing here uses the query parameter {piece(parameter.name)}", HINT)
