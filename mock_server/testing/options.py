"""The plugin's options: on the command line, as environment variables, in the ini file, in this order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

FILES = {
    "document": "the OpenAPI document to mock; without it, the bundled partner API",
    "seed": "the fixtures that each test starts from; without it, the bundled ones for the bundled document",
    "profile": "a file that makes choices for assumptions",
}
LISTS = {
    "assume": ("NAME=CHOICE", "make one choice for an assumption; may be repeated"),
    "profiles": (
        "LIST",
        "run tests again under other readings of the contract: default (do not), all (each that can make a "
        "difference), or a list of NAME, NAME=CHOICE and files of profiles",
    ),
}


def add_options(parser: pytest.Parser) -> None:
    """Add `--mock-NAME` and the ini key `mock_server_NAME`; the environment variable is MOCK_SERVER_NAME."""
    group = parser.getgroup("mock server")
    for name, help in FILES.items():
        group.addoption(f"--mock-{name}", metavar="FILE", default=None, help=help)
        parser.addini(f"mock_server_{name}", help, default="")
    for name, (metavar, help) in LISTS.items():
        group.addoption(f"--mock-{name}", action="append", default=None, help=help, metavar=metavar)
        parser.addini(f"mock_server_{name}", help, type="args", default=[])


def given_file(config: pytest.Config, name: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that is given for `name`; None where none is. One of the ini file is relative to that file."""
    option, variable, ini = (
        config.getoption(f"mock_{name}"),
        environment.get(_variable(name)),
        config.getini(f"mock_server_{name}"),
    )
    if option or variable:
        return config.invocation_params.dir / (option or variable or "")
    if not ini:
        return None
    return (config.inipath.parent if config.inipath else config.rootpath) / str(ini)


def given_list(config: pytest.Config, name: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return what is given for `name`, separated by commas or white space."""
    option, variable, ini = (
        config.getoption(f"mock_{name}"),
        environment.get(_variable(name)),
        config.getini(f"mock_server_{name}"),
    )
    texts: list[str] = option or ([variable] if variable else list(ini))
    return [part for text in texts for part in text.replace(",", " ").split()]


def _variable(name: str) -> str:
    return f"MOCK_SERVER_{name.upper()}"
