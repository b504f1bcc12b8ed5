"""From a file to a contract that an engine can perform: the document read with all verbs that there are."""

from __future__ import annotations

from pathlib import Path

from mock_server.contract import loader
from mock_server.contract.model import Contract
from mock_server.contract.mounting import Mount
from mock_server.engine.verbs import VERBS


def load_contract(path: Path, *, strict: bool = False) -> Contract:
    """Return the contract that the document at `path` is, or that an overlay there makes of a document; raise `FlawedInput`
    with every error when it is none, and with every flaw when it has any and `strict` is asked for."""
    contract = read_contract(path)
    contract.document.flaws.raise_if_any(strict=strict)
    return contract


def read_contract(*documents: Path | Mount) -> Contract:
    """Return what can be read of documents and overlays, as one contract, their flaws noted in it: with an error, it is only
    good to find more.

    Raise `FlawedInput` when nothing can be read.
    """
    return loader.read_contract([one if isinstance(one, Mount) else Mount(one) for one in documents], VERBS)
