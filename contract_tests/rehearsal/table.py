"""All breaks of a contract, in one table."""

from __future__ import annotations

from contract_tests.rehearsal.breaks import auth, text
from contract_tests.rehearsal.hooks import Break
from mock_server.contract.model import Contract

FAMILIES = (text, auth)


def breaks_for(contract: Contract) -> list[Break]:
    """Return every break that the contract gives occasion for."""
    return [break_ for family in FAMILIES for break_ in family.breaks(contract)]
