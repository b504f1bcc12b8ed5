"""The command line `contract-tests`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from contract_tests.cli.options import Options
from contract_tests.cli.plan import plan_text
from contract_tests.cli.starting import run_options
from contract_tests.mutants.prove import RANDOM_PROFILES, Trial, prove
from contract_tests.reports import write_report, writer_for
from contract_tests.reports.console import ConsoleProgress, show, summary, width_of
from contract_tests.reports.overlays import write_overlay
from contract_tests.reports.profiles import profile_text, write_profile
from contract_tests.runner.outcome import Outcome
from contract_tests.runner.settings import BUDGETS
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.tenants import Tenant
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract

CONFORMS, BROKEN, UNJUDGED = 0, 1, 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run the command line and return its exit code.

    0 conforms, 1 breaks the contract, 2 no verdict, 3 (with --strict) conforms but differs from the profile.
    """
    cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "understudy"
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache))  # otherwise Hypothesis writes to the working directory
    given = vars(_parser().parse_args(sys.argv[1:] if arguments is None else arguments))
    command = given.pop("command")
    try:
        if command == "prove":
            return _prove(**given)
        options = _options(given, environment)
        return _masked(options, lambda: _run(options, observe=command == "observe"))
    except FlawedInput as flawed:
        print(f"contract-tests: {flawed}", file=sys.stderr)
    except ValueError as error:
        print(f"contract-tests: {error}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has closed the pipe
    except OSError as error:
        print(f"contract-tests: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("contract-tests: interrupted; what was found so far is above", file=sys.stderr)
        return INTERRUPTED
    return UNJUDGED


def _masked(options: Options, run: Callable[[], int]) -> int:
    """Run; a traceback of our own is printed without the secrets in it."""
    try:
        return run()
    except (FlawedInput, ValueError, OSError):
        raise
    except Exception:
        secrets = Secrets(
            [Tenant("organization", options.token), Tenant("other organization", options.other_token)], options.expired_token
        )
        print(secrets.mask(traceback.format_exc()), file=sys.stderr)
        print("contract-tests: this is a bug in contract-tests, not in the target", file=sys.stderr)
        return UNJUDGED


def _run(options: Options, *, observe: bool) -> int:
    for path in options.report:
        writer_for(path)  # an unknown format is reported before the run
    if options.plan:
        contract = load_contract(options.document_path)
        print(plan_text(contract, options.settings(contract, observe=observe), options.url))
        return CONFORMS
    with ConsoleProgress(sys.stderr) as progress:
        outcome = run_options(options, observe=observe, progress=progress)
    _write(options, outcome, observe=observe)
    if outcome.verdict == "unjudged":
        print(f"contract-tests: {outcome.reason}", file=sys.stderr)
    else:
        show(summary(outcome, reports=options.report, width=width_of(sys.stdout)), sys.stdout)
    return outcome.exit_code(strict=options.strict)


def _write(options: Options, outcome: Outcome, *, observe: bool) -> None:
    for path in options.report:
        write_report(outcome, path)
    if outcome.verdict == "unjudged":
        return
    if options.profile_out is not None:
        write_profile(outcome, options.profile_out)
    elif observe and options.overlay_out is None:
        print(profile_text(outcome))
    if options.overlay_out is not None and not write_overlay(outcome, options.document_path, options.overlay_out):
        print(f"contract-tests: nothing was settled, so {options.overlay_out} was not written", file=sys.stderr)
    if options.ledger is not None:
        lines = [f"{resource} {id}" for resource, ids in outcome.created.items() for id in ids]
        options.ledger.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _prove(document: Path | None, seed: Path | None, budget: str, random_seed: int, random_profiles: int, only: str) -> int:
    contract = load_contract(document or Options().document_path)
    fixtures = seed or (None if document else Options().document_path.parent / "fixtures" / "default.yaml")
    proof = prove(
        contract,
        fixtures if fixtures and fixtures.exists() else None,
        random_seed=random_seed,
        random_profiles=random_profiles,
        budget=BUDGETS[budget],
        on_trial=_print_trial,
        only=lambda name: only in name,
    )
    for trial in proof.missed:
        print(f"MISSED {trial.name}: {trial.about}")
    for trial in proof.false_alarms:
        told = (
            trial.outcome.findings[0].title
            if trial.outcome.findings
            else f"settled wrongly: {', '.join(trial.wrongly_settled)}"
        )
        print(f"FALSE ALARM {trial.name}: {trial.outcome.reason or told}")
    broken = len(proof.caught) + len(proof.missed)
    right = len(proof.quiet) + len(proof.false_alarms)
    print(
        f"{len(proof.caught)} of {broken} broken mocks were caught; "
        f"{len(proof.false_alarms)} false alarms over {right} profiles."
    )
    return CONFORMS if proof.holds else BROKEN


def _print_trial(trial: Trial) -> None:
    outcome = trial.outcome
    right, wrong = ("quiet", "FALSE ALARM") if trial.family == "profile" else ("caught", "MISSED")
    what = right if trial.right else wrong
    found = f": {outcome.findings[0].title}" if outcome.findings else ""
    print(f"{what:8} {trial.name} ({outcome.requests} requests, {outcome.seconds:.1f} s){found}", flush=True)


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
        "Exit codes: 0 conforms, 1 breaks the contract, 2 no verdict, 3 (with --strict) conforms but differs from the profile."
    )
    about = {
        "run": "check a target against the contract",
        "observe": "only settle the assumptions, with few requests, and print or write the profile",
    }
    for command, text in about.items():
        one = commands.add_parser(command, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog)
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
    if field.name == "races":
        parser.add_argument(name, action=argparse.BooleanOptionalAction, default=None, help=help)
    elif isinstance(field.default, bool):
        parser.add_argument(name, action="store_true", default=None, help=help)
    elif isinstance(field.default, tuple):
        kind = Path if field.name == "report" else str
        parser.add_argument(name, action="append", type=kind, default=None, metavar=metadata.get("metavar"), help=help)
    elif "choices" in metadata:
        parser.add_argument(name, choices=metadata["choices"], default=None, help=help)
    else:
        parser.add_argument(name, type=reader(field), metavar=metadata.get("metavar", "FILE"), default=None, help=help)


def reader(field: dataclasses.Field[Any]) -> Any:
    """Return what reads the text of an option."""
    kind = str(field.type)
    if "Path" in kind:
        return Path
    if "float" in kind:
        return _number if field.metadata.get("may_be_zero") else _positive_number
    return _whole_number if "int" in kind else str


def _positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not a number above 0")
    return number


def _number(text: str) -> float:
    return 0.0 if text in ("0", "0.0") else _positive_number(text)


def _whole_number(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not a whole number of 0 or more")
    return int(text)


def _options(given: Mapping[str, Any], environment: Mapping[str, str]) -> Options:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if value is not None}
    return Options(**{**from_environment(environment), **values})


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that `CONTRACT_TESTS_…` variables set; raise `ValueError` with what is wrong."""
    values = {}
    for field in dataclasses.fields(Options):
        text = environment.get("CONTRACT_TESTS_" + field.name.upper())
        if text:
            values[field.name] = from_text(field, text)
    return values


def from_text(field: dataclasses.Field[Any], text: str) -> Any:
    """Return the value of an option that is given as a text of the environment."""
    name = "CONTRACT_TESTS_" + field.name.upper()
    if isinstance(field.default, bool) or field.name == "races":
        if text.lower() not in ("1", "true", "yes", "0", "false", "no"):
            raise ValueError(f"{name} must be 1 or 0, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    if isinstance(field.default, tuple):
        return tuple(map(Path, text.split())) if field.name == "report" else tuple(text.split())
    choices = field.metadata.get("choices")
    if choices and text not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    try:
        return reader(field)(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"{name}: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
