"""All mutants of a contract, in one table.

They are derived from the document, so that every document with behaviours gets its own. Each of them contradicts what the
document says under every admissible choice, at a mock that follows the default choices, and some answer of a documented
operation shows it. What no answer shows is not in the table:

- an assignment, or another record that no operation lists, that is made twice, or is left over after a refusal;
- a field that every operation which shows it has just written (the stored role of an assignment);
- what becomes of an operation that removes what no operation makes: no run carries that out;
- another organization's name in an additional property of an answer: nobody told a client that name;
- a secret token, header or parameter that lets anybody in, unless somebody guesses it;
- ids that can be guessed, times that are right but come from a clock of their own, slow answers;
- which of several holders of a shared key is found, where the default choices let nobody share one.

What an assumption of the document, or a fair reading of the standards, allows is no mutant either: the media type left out,
problem details in other words, an additional property, a byte order mark, a name that stands twice in a JSON object.
"""

from __future__ import annotations

from contract_tests.mutants.families import (
    auth,
    bulk,
    conditional,
    creation,
    embedding,
    guards,
    idempotency,
    identity,
    keys,
    lists,
    logins,
    occasions,
    races,
    references,
    reliability,
    replacing,
    schemas,
    selections,
    shown,
    tenants,
    text,
    updates,
    validation,
    webhooks,
)
from contract_tests.mutants.hooks import Mutant
from mock_server.contract.model import Contract

FAMILIES = (
    *(schemas, keys, creation, updates, replacing, identity, bulk, lists, selections),
    *(references, embedding, shown, guards, occasions, conditional),
    *(webhooks, text, validation, auth, logins, tenants, idempotency, races, reliability),
)


def mutants_for(contract: Contract) -> list[Mutant]:
    """Return every mutant that the contract gives occasion for."""
    return [mutant for family in FAMILIES for mutant in family.mutants(contract)]


def some_of(mutants: list[Mutant], most: int) -> list[Mutant]:
    """Return at most so many of the mutants, in the order of the table: the first of each family, the others spread evenly."""
    if len(mutants) <= most:
        return mutants
    first = {one.family: one.name for one in reversed(mutants)}
    others = [one for one in mutants if first[one.family] != one.name]
    left = max(0, most - len(first))
    chosen = {*first.values(), *(others[position * len(others) // left].name for position in range(left))}
    return [one for one in mutants if one.name in chosen][:most]
