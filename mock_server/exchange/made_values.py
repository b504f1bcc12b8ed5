"""Values that are made from the schemas of answers, for a request."""

from __future__ import annotations

from mock_server.contract.files.source import Json
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.contract.sampling.about import About
from mock_server.contract.sampling.maker import CannotMakeError, Maker
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.execution import Execution
from mock_server.engine.values import ABSENT


class MadeValues:
    """Makes values from the schemas of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._maker = Maker(contract.schemas)

    def make(self, schema: Schema, operation: Operation, execution: Execution, name: str = "") -> Json:
        """Return a value for a part of the answer to a request; raise `Refused` where no valid one can be made."""
        try:
            return self._maker.make(schema, _about(operation, execution), name)
        except CannotMakeError as error:
            told = f"No valid value can be made from the schema of a response of {operation}: {error}; add an example."
            raise Refused("not-implemented", told) from error


def _about(operation: Operation, execution: Execution) -> About:
    given = execution.parameters
    return About(
        seed=execution.generator.seed,
        path={name: given["path", name] for name in path_template(operation.path).names if ("path", name) in given},
        template=operation.path,
        query={name: value for (location, name), value in given.items() if location == "query"},
        body=None if execution.body is ABSENT else execution.body,
        creates=operation.method == "POST",
    )
