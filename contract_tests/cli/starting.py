"""Running the contract tests with given options: what the command line, the pytest suite and Python code share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from contract_tests.cli.options import Options
from contract_tests.oracle.judging import read_body
from contract_tests.runner.ledger import Ledger
from contract_tests.runner.made import Creations
from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.session import Progress
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import PlannedRequest, Play
from contract_tests.transport.interruption import Interruption
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.targets import AppTarget, HttpTarget
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import Target, WireResponse
from mock_server.engine.loading import load_contract


def run_with(
    target: Any,
    *,
    document: str | PathLike[str] | None,
    token: str,
    other_token: str,
    known: Mapping[str, Sequence[str | int]],
    other_known: Mapping[str, Sequence[str | int]],
    **more: Any,
) -> Outcome:
    """See `contract_tests.run`."""
    options = Options(
        document=Path(document) if document is not None else None,
        url=target if isinstance(target, str) else "",
        token=token,
        other_token=other_token,
        known=_pairs(known),
        other_known=_pairs(other_known),
        **more,
    )
    return run_options(options, app=None if isinstance(target, str) else target)


def run_options(
    options: Options,
    *,
    app: Any = None,
    observe: bool = False,
    progress: Progress | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
    interruption: Interruption | None = None,
) -> Outcome:
    """Run what `options` ask for; raise `ValueError`, `OSError` or `FlawedInput` with what is wrong with them.

    `tell` is told once if the ledger can no longer be written.
    """
    contract = load_contract(options.document_path)
    if options.token or not options.login:
        options.settings(contract, observe=observe)  # what is wrong with them is told before anything is sent
    with closing(make_target(options, app)) as target, ledger_at(options.ledger, tell) as ledger:

        def note_login(token: str, planned: PlannedRequest, play: Play, reply: WireResponse) -> None:
            mask = Secrets([Tenant("", token)]).mask
            made = Creations(Subject.of(contract, play.tenants), "", target.name, mask, ledger)
            made.note(planned, play, reply, read_body(reply))

        logged_in = options.logged_in(contract, target, note_login)
        settings = logged_in.settings(contract, observe=observe, is_logged_in=logged_in is not options)
        return hold_to(contract, target, settings, progress, ledger=ledger, interruption=interruption)


@contextmanager
def ledger_at(path: Path | None, tell: Callable[[str], None]) -> Iterator[Ledger | None]:
    """Yield the ledger that is appended to; None where none is asked for."""
    if path is None:
        yield None
        return
    with closing(Ledger(path, tell)) as ledger:
        yield ledger


def make_target(options: Options, app: Any = None) -> Target:
    """Return the target that is meant."""
    if app is not None:
        return AppTarget(app, timeout=options.timeout)
    if not options.url:
        raise ValueError("there is no target: give --url, as in --url http://127.0.0.1:4010, or set CONTRACT_TESTS_URL")
    if options.ca_bundle is not None:
        return HttpTarget(options.url, timeout=options.timeout, verify=str(options.ca_bundle))
    return HttpTarget(options.url, timeout=options.timeout, verify=not options.insecure)


def _pairs(known: Mapping[str, Sequence[str | int]]) -> tuple[str, ...]:
    return tuple(f"{name}={id}" for name, ids in known.items() for id in ids)
