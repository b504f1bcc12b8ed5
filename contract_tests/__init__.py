"""Holds any deployment of an API to its contract: an OpenAPI document whose behaviours are declared as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from contract_tests.extra import INSTALL, is_installed

if TYPE_CHECKING:
    from contract_tests.runner.outcome import Outcome

__all__ = ["run"]


def run(
    target: Any,
    *,
    document: str | PathLike[str] | None = None,
    token: str = "",
    other_token: str = "",
    known: Mapping[str, Sequence[str | int]] | None = None,
    other_known: Mapping[str, Sequence[str | int]] | None = None,
    **options: Any,
) -> Outcome:
    """Hold a target to the contract and return what came of it.

    `target` is a URL or an ASGI application; `document` the path of an OpenAPI document, the bundled one unless given.
    `known` has ids by resource, as in `{"Partner": ["ptn_northwind"]}`. Further options are those of `contract-tests run`, as
    fields of `contract_tests.cli.options.Options`: `budget="quick"`, `random_seed=1`, `profile=Path(…)`. Nothing is raised for
    what the target does; `ValueError` or `FlawedInput` for what is asked wrongly, `ModuleNotFoundError` without the extra.
    """
    if not is_installed():
        raise ModuleNotFoundError(INSTALL)
    from contract_tests.cli.starting import run_with  # nothing heavy is imported before it is used

    return run_with(
        target,
        document=document,
        token=token,
        other_token=other_token,
        known=known or {},
        other_known=other_known or {},
        **options,
    )
