"""The values of options that are given as texts: on a command line, in the environment, in an ini file."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract_tests.cli.options import Options


def reader(field: dataclasses.Field[Any]) -> Any:
    """Return what reads the text of an option."""
    kind = str(field.type)
    if "Path" in kind:
        return Path
    if "float" in kind:
        return _number if field.metadata.get("may_be_zero") else _positive_number
    return _whole_number if "int" in kind else str


def _number(text: str) -> float:
    return 0.0 if text in ("0", "0.0") else _positive_number(text)


def _positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not a number above 0")
    return number


def _whole_number(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is not a whole number of 0 or more")
    return int(text)


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that `CONTRACT_TESTS_…` variables set; raise `ValueError` with what is wrong."""
    values = {}
    for field in dataclasses.fields(Options):
        text = environment.get("CONTRACT_TESTS_" + field.name.upper())
        if text:
            values[field.name] = from_text(field, text, "CONTRACT_TESTS_" + field.name.upper())
    return values


def is_switch(field: dataclasses.Field[Any]) -> bool:
    """Say whether an option is on or off."""
    return "bool" in str(field.type)


def from_text(field: dataclasses.Field[Any], text: str, name: str) -> Any:
    """Return the value of an option that is given as a text, under a name; raise `ValueError` with what is wrong."""
    if is_switch(field):
        if text.lower() not in ("1", "true", "yes", "0", "false", "no"):
            raise ValueError(f"{name} must be 1 or 0, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    if isinstance(field.default, tuple):
        return tuple(map(reader(field), text.split()))
    choices = field.metadata.get("choices")
    if choices and text not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    try:
        return reader(field)(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"{name}: {error}") from None
