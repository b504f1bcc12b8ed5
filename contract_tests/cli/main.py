"""The command line `contract-tests`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from contract_tests.cli.clean import clean
from contract_tests.cli.option_texts import from_environment, is_switch, reader
from contract_tests.cli.options import Options
from contract_tests.cli.outputs import check_outputs, write_outputs
from contract_tests.cli.plan import plan_text
from contract_tests.cli.starting import run_options
from contract_tests.cli.streams import LastingStream, keep_standard_streams
from contract_tests.mutants.prove import RANDOM_PROFILES, Trial, prove
from contract_tests.reports.console import ConsoleProgress, show, summary, width_of
from contract_tests.reports.profiles import profile_text
from contract_tests.reports.wording import verdict, visible
from contract_tests.runner.settings import BUDGETS
from contract_tests.transport.interruption import Interrupted, Interruption
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.tenants import Tenant
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract

CONFORMS, BROKEN, UNJUDGED, DIFFERS = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run the command line and return its exit code.

    0 conforms, 1 breaks the contract, 2 no verdict or a file that could not be written, 3 (with --strict) conforms but differs
    from the profile, 128 and the number of the signal if one ended the run. Nothing but a broken contract is 1.
    """
    keep_standard_streams()
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder(environment)))  # else the working directory
    output, errors = LastingStream(sys.stdout), LastingStream(sys.stderr)
    given = vars(_parser().parse_args(sys.argv[1:] if arguments is None else arguments))
    command = given.pop("command")

    def tell(sentence: object) -> None:
        print(f"contract-tests: {visible(str(sentence), lines=True)}", file=errors)

    try:
        if command == "prove":
            return _prove(**given, output=output)
        options = _options(given, environment)
        interruption = Interruption()
        with interruption.listening():
            if command == "clean":
                return _masked(options, lambda: clean(options, partial(print, file=output), tell, interruption), tell)
            return _masked(options, lambda: _run(options, command == "observe", output, errors, tell, interruption), tell)
    except (FlawedInput, ValueError, OSError) as error:
        tell(error)
    except (Interrupted, KeyboardInterrupt) as interrupted:
        tell("interrupted before the run began")
        return 128 + (interrupted.signal if isinstance(interrupted, Interrupted) else signal.SIGINT)
    return UNJUDGED


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which Hypothesis may keep what it likes; a run never depends on it."""
    try:
        return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "understudy"
    except RuntimeError:  # a user whom the system does not know, without HOME: nothing is kept
        return Path(os.devnull) / "understudy"


def _masked(options: Options, run: Callable[[], int], tell: Callable[[object], None]) -> int:
    """Run; a traceback of our own is printed without the secrets in it."""
    try:
        return run()
    except (FlawedInput, ValueError, OSError):
        raise
    except Exception:
        secrets = Secrets(
            [Tenant("organization", options.token), Tenant("other organization", options.other_token)], options.expired_token
        )
        tell(f"this is a bug in contract-tests, not in the target\n{secrets.mask(traceback.format_exc())}")
        return UNJUDGED


def _run(
    options: Options,
    observe: bool,
    output: LastingStream,
    errors: LastingStream,
    tell: Callable[[object], None],
    interruption: Interruption,
) -> int:
    if options.plan:
        contract = load_contract(options.document_path)
        print(plan_text(contract, options.settings(contract, observe=observe), options.url), file=output)
        return CONFORMS
    check_outputs(options)
    with ConsoleProgress(errors.text) as progress:
        outcome = run_options(options, observe=observe, progress=progress, tell=tell, interruption=interruption)
    if outcome.verdict == "unjudged":
        tell(visible(outcome.reason))
    else:
        show(summary(outcome, reports=options.report, width=width_of(output.text)), output.text)
        if observe and options.profile_out is None and options.overlay_out is None:
            print(profile_text(outcome), file=output)
    if output.trouble and output.has_reader:
        tell(f"cannot print the verdict: {output.trouble}; it is: {verdict(outcome)}")
    is_whole = write_outputs(options, outcome, tell) and outcome.ledger_is_whole
    code = outcome.exit_code(strict=options.strict)
    return code if is_whole or code not in (CONFORMS, DIFFERS) else UNJUDGED


def _prove(
    document: Path | None,
    seed: Path | None,
    budget: str,
    random_seed: int,
    random_profiles: int,
    only: str,
    output: LastingStream,
) -> int:
    contract = load_contract(document or Options().document_path)
    fixtures = seed or (None if document else Options().document_path.parent / "fixtures" / "default.yaml")
    proof = prove(
        contract,
        fixtures if fixtures and fixtures.exists() else None,
        random_seed=random_seed,
        random_profiles=random_profiles,
        budget=BUDGETS[budget],
        on_trial=lambda trial: _print_trial(trial, output),
        only=lambda name: only in name,
    )
    for trial in proof.missed:
        print(f"MISSED {trial.name}: {trial.about}", file=output)
    for trial in proof.false_alarms:
        told = (
            trial.outcome.findings[0].title
            if trial.outcome.findings
            else f"settled wrongly: {', '.join(trial.wrongly_settled)}"
        )
        print(f"FALSE ALARM {trial.name}: {trial.outcome.reason or told}", file=output)
    broken = len(proof.caught) + len(proof.missed)
    right = len(proof.quiet) + len(proof.false_alarms)
    print(
        f"{len(proof.caught)} of {broken} broken mocks were caught; "
        f"{len(proof.false_alarms)} false alarms over {right} profiles.",
        file=output,
    )
    return CONFORMS if proof.holds else BROKEN


def _print_trial(trial: Trial, output: LastingStream) -> None:
    outcome = trial.outcome
    right, wrong = ("quiet", "FALSE ALARM") if trial.family == "profile" else ("caught", "MISSED")
    what = right if trial.right else wrong
    found = f": {outcome.findings[0].title}" if outcome.findings else ""
    print(f"{what:8} {trial.name} ({outcome.requests} requests, {outcome.seconds:.1f} s){found}", file=output)


class _ArgumentParser(argparse.ArgumentParser):
    """Reports a mistake in one line, like every other error of the command."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNJUDGED, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _ArgumentParser(prog="contract-tests", description="Checks a deployed API against its OpenAPI document.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('understudy')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    epilog = (
        "Every option can also be set as an environment variable, such as CONTRACT_TESTS_TOKEN for --token. "
        "Separate the values of a repeatable option with spaces. "
    )
    ends = "130, 143 or 129 ended early by SIGINT, SIGTERM or SIGHUP."
    judging = (
        "Exit codes: 0 conforms, 1 breaks the contract, 2 no verdict or a file that could not be written, "
        "3 (with --strict) conforms but differs from the profile, "
    )
    cleaning = "Exit codes: 0 everything is gone, 2 something is left, "
    about = {
        "run": "check a target against the contract",
        "observe": "only settle the assumptions, with few requests, and print or write the profile",
        "clean": "delete what runs left on a target, as far as the document has operations for it; needs their --ledger",
    }
    for command, text in about.items():
        codes = (cleaning if command == "clean" else judging) + ends
        one = commands.add_parser(command, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog + codes)
        for field in dataclasses.fields(Options):
            if command in field.metadata["commands"]:
                _add_option(one, field)
    proving = commands.add_parser(
        "prove",
        help="check the suite itself against deliberately broken mocks",
        description="Runs the suite against deliberately broken mocks, and against correct mocks under every choice.",
    )
    proving.add_argument(
        "document", nargs="?", type=Path, metavar="DOCUMENT", help="the OpenAPI document (default: the bundled partner API)"
    )
    proving.add_argument("--seed", type=Path, metavar="FILE", help="the fixtures to start from")
    proving.add_argument("--budget", choices=tuple(BUDGETS), default="quick", help="how much to test (default: quick)")
    proving.add_argument(
        "--random-seed", type=int, default=0, metavar="N", help="select the random sequences; the same seed repeats them"
    )
    proving.add_argument(
        "--random-profiles",
        type=int,
        default=RANDOM_PROFILES,
        metavar="N",
        help=f"how many random profiles to try (default: {RANDOM_PROFILES})",
    )
    proving.add_argument("--only", default="", metavar="TEXT", help="only breaks and profiles whose names contain this text")
    return parser


def _add_option(parser: argparse.ArgumentParser, field: dataclasses.Field[Any]) -> None:
    metadata = field.metadata
    default = f" (default: {field.default})" if isinstance(field.default, (str, float)) and field.default else ""
    help = metadata["help"] + default
    if metadata.get("positional"):
        parser.add_argument(field.name, nargs="?", type=Path, metavar=field.name.upper(), default=None, help=help)
        return
    name = "--" + field.name.replace("_", "-")
    if is_switch(field) and field.default is None:
        parser.add_argument(name, action=argparse.BooleanOptionalAction, default=None, help=help)
    elif is_switch(field):
        parser.add_argument(name, action="store_true", default=None, help=help)
    elif isinstance(field.default, tuple):
        parser.add_argument(name, action="append", type=reader(field), default=None, metavar=metadata.get("metavar"), help=help)
    elif "choices" in metadata:
        parser.add_argument(name, choices=metadata["choices"], default=None, help=help)
    else:
        parser.add_argument(name, type=reader(field), metavar=metadata.get("metavar", "FILE"), default=None, help=help)


def _options(given: Mapping[str, Any], environment: Mapping[str, str]) -> Options:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if value is not None}
    return Options(**{**from_environment(environment), **values})


if __name__ == "__main__":
    sys.exit(main())
