"""From a file to a contract that an engine can perform: the document read with all verbs that there are."""

from __future__ import annotations

from pathlib import Path

from mock_server.contract import loader
from mock_server.contract.documents.mounting import Mount, mounted
from mock_server.contract.model import Contract
from mock_server.engine.verbs import VERBS


def load_contract(*documents: Path | Mount, strict: bool = False, infer: bool = False) -> Contract:
    """Return the contract that documents and overlays are, as one; raise `FlawedInput` with every error when they are none, and
    with every flaw when they have any and `strict` is asked for."""
    contract = read_contract(*documents, infer=infer)
    contract.document.flaws.raise_if_any(strict=strict)
    return contract


def read_contract(*documents: Path | Mount, infer: bool = False) -> Contract:
    """Return what can be read of documents and overlays, as one contract, their flaws noted in it: with an error, it is only
    good to find more.

    With `infer`, operations without a behaviour get the one that they most likely have. Raise `FlawedInput` when nothing can
    be read.
    """
    mounts = [one if isinstance(one, Mount) else Mount(one) for one in documents]
    if not infer:
        return loader.read_contract(mounts, VERBS)
    from mock_server.contract.inferring.proposing import proposed  # few starts infer, and start-up time is precious

    return loader.contract_of(mounted(mounts, lambda source: proposed(source, VERBS)[1]), VERBS)
