"""The command line `mock-server`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, get_args, get_type_hints

from mock_server.contract.files.flaws import FlawedInput
from mock_server.server.collector import hold_collector
from mock_server.server.settings import Settings

if TYPE_CHECKING:
    from mock_server.server.infer import InferOptions

OK, NOT_SUPPORTED, UNUSABLE = 0, 1, 2
MOST_DIGITS = 15
OPTIONS = {"explain": ("document", "mount", "infer", "profile", "assume"), "check": ("document", "mount", "strict")}
"""The options of `serve` that other commands have too."""


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run the command line and return its exit code: 0; 1 when a strict check finds anything that is not supported; 2 when the
    input cannot be used or the port not be had."""
    command, settings = parse(sys.argv[1:] if arguments is None else arguments, environment)
    try:
        if not isinstance(settings, Settings):
            from mock_server.server.infer import infer

            print(infer(settings).rstrip("\n"))
        elif command == "explain":
            print(_explained(settings))
        elif command == "check":
            return _check(settings)
        else:
            hold_collector()
            from mock_server.server.serving import serve

            serve(settings)
    except FlawedInput as flawed:
        print(f"mock-server: {flawed}" if len(flawed.flaws) == 1 else flawed, file=sys.stderr)
        if len(flawed.flaws) > 1:
            print(f"mock-server: {len(flawed.flaws) + flawed.unlisted} mistakes", file=sys.stderr)
    except ValueError as error:
        print(f"mock-server: {error}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read along has seen enough
        return OK
    except OSError as error:
        print(f"mock-server: {error}", file=sys.stderr)
    else:
        return OK
    return UNUSABLE


def _explained(settings: Settings) -> str:
    from mock_server.contract.behaviours.profile import read_choices
    from mock_server.engine.loading import load_contract
    from mock_server.server.explain import explanation

    contract = load_contract(*settings.documents, infer=settings.infer)
    return explanation(contract, read_choices(contract.assumptions, settings.profile, settings.assume))


def _check(settings: Settings) -> int:
    """Print what of the document is mocked and what is not; return 1 if that is to be everything and is not."""
    from mock_server.engine.loading import load_contract
    from mock_server.server.check import Check

    contract = load_contract(*settings.documents)
    check = Check.of(contract)
    print(check)
    return NOT_SUPPORTED if settings.strict and not check.is_whole else OK


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, as every other one is told."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {message}; see {self.prog} --help\n")


class _ShowVersion(argparse.Action):
    """Prints the version and ends, as argparse's own action does, which would have to know it at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version  # it takes time to import

        print(f"{parser.prog} {version('understudy')}")
        parser.exit(OK)


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, Settings | InferOptions]:
    """Return the command and its options; exit with what is wrong with them, or with the help."""
    parser = _Parser(prog="mock-server", description="Mocks an API from its OpenAPI document, with state.")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve the mock",
        description="Serves a mock of an API until Ctrl-C.",
        epilog="Every option can also be set as an environment variable, such as MOCK_SERVER_PORT for --port. "
        "Separate the values of a repeatable option with spaces.",
    )
    explain = commands.add_parser(
        "explain",
        help="show how a document is interpreted",
        description="Lists the operations, behaviours, resources and assumptions of an OpenAPI document.",
    )
    check = commands.add_parser(
        "check",
        help="show what of a document is mocked",
        description="Lists what of an OpenAPI document is mocked, what is not and why, and its mistakes. "
        "With --strict, the exit code is 1 if there is any of these.",
    )
    _add_infer(commands)
    parsers = {"serve": serve, "explain": explain, "check": check}
    for field in dataclasses.fields(Settings):
        for name, parser_of_command in parsers.items():
            if field.name in OPTIONS.get(name, (field.name,)):
                _add_option(parser_of_command, field)
    given = vars(parser.parse_args(arguments))
    command = given.pop("command")
    if command == "infer":
        from mock_server.server.infer import InferOptions

        return command, InferOptions(given["document"], given["output"], given["update"])
    values = _from_environment(parsers[command], environment)
    if documents := given.pop("document"):
        given |= {"document": Path(documents[0]), "mount": [*documents[1:], *(given["mount"] or ())]}
    for name, value in given.items():
        if value is not None:
            values[name] = tuple(value) if isinstance(value, list) else value
    return command, Settings(**values)


def _add_infer(commands: Any) -> None:
    parser = commands.add_parser(
        "infer",
        help="propose behaviours for a document",
        description="Proposes an overlay that makes the CRUD operations of an OpenAPI document stateful, for you to edit. "
        "`mock-server serve --infer` does the same in memory.",
    )
    parser.add_argument("document", type=Path, metavar="DOCUMENT", help="an OpenAPI document, or an overlay to add to")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the overlay to this file")
    parser.add_argument("--update", action="store_true", help="add what is new to an overlay, and leave the rest alone")


def _add_option(parser: argparse.ArgumentParser, field: dataclasses.Field[Any]) -> None:
    metadata = dict(field.metadata)
    kind = _kinds()[field.name]
    default = "" if field.default in (None, (), False) else f" (default: {field.default})"
    options: dict[str, Any] = {"help": metadata.pop("help") + default, "default": None}
    if metadata.pop("positional", False):
        parser.add_argument(field.name, nargs="*", type=str, metavar=field.name.upper(), **options)
        return
    names = [*([metadata.pop("short")] if "short" in metadata else []), "--" + field.name.replace("_", "-")]
    if kind is bool:
        parser.add_argument(*names, action="store_true", **options)
        return
    if kind is tuple:
        options["action"] = "append"
    elif kind is Path:
        metadata.setdefault("metavar", "FILE")
    parser.add_argument(*names, type=_reader(kind), **options, **metadata)


@cache
def _kinds() -> dict[str, type]:
    """Return the types of the settings by name, without the None that stands for the absence of one."""
    return {name: _kind(hint) for name, hint in get_type_hints(Settings).items()}


def _kind(hint: Any) -> type:
    if isinstance(hint, UnionType):
        hint = next(arm for arm in get_args(hint) if arm is not type(None))
    return tuple if getattr(hint, "__origin__", None) is tuple else hint


def _reader(kind: type) -> Any:
    return {int: _whole_number, Path: Path, datetime: _time}.get(kind, str)


def _whole_number(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not a whole number of 0 or more")
    return int(text)


def _time(text: str) -> datetime:
    """Read a time as RFC 3339 writes it; one without an offset is UTC."""
    try:
        if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", text, re.ASCII):
            raise ValueError(text)
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-01-15T09:30:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _from_environment(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        name = "MOCK_SERVER_" + field.name.upper()
        text = environment.get(name)
        if not text:
            continue
        kind = _kinds()[field.name]
        if kind is bool:
            if text.lower() not in ("1", "true", "yes", "0", "false", "no"):
                parser.error(f"{name} must be 1 or 0, not {text!r}")
            values[field.name] = text.lower() in ("1", "true", "yes")
        elif kind is tuple:
            values[field.name] = tuple(text.split())
        else:
            choices = field.metadata.get("choices")
            if choices and text not in choices:
                parser.error(f"{name} must be one of {', '.join(choices)}, not {text!r}")
            try:
                values[field.name] = _reader(kind)(text)
            except argparse.ArgumentTypeError as error:
                parser.error(f"{name}: {error}")
    return values
