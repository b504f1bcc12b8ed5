"""The API under test, as scenarios are written for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contract_tests.scenarios.issuers import Changer, Issuer, read_changers, read_issuers
from contract_tests.scenarios.signatures import Signature, read_signature, read_signatures
from contract_tests.transport.tenants import Tenant
from mock_server.contract.model import Contract

DISTURBING = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""In which order operations are called of which nobody knows what they do: what may disturb others comes last."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A contract, what each of its operations takes and gives, and the tenants that ask, the first one most."""

    contract: Contract
    signatures: tuple[Signature, ...]
    tenants: tuple[Tenant, ...]
    issuers: tuple[Issuer, ...] = ()
    changers: tuple[Changer, ...] = ()
    undeclared: tuple[Signature, ...] = ()
    """The operations that declare no behaviour: nothing but their statuses, schemas and security can be judged."""

    @classmethod
    def of(cls, contract: Contract, tenants: Sequence[Tenant]) -> Subject:
        """Return the subject of a contract."""
        signatures = tuple(read_signatures(contract))
        issuers, changers = read_issuers(contract, signatures), read_changers(contract, signatures)
        undeclared = [read_signature(operation, contract) for operation in contract.operations if not operation.behaviour]
        undeclared.sort(key=lambda one: DISTURBING.index(one.operation.method) if one.operation.method in DISTURBING else -1)
        return cls(contract, signatures, tuple(tenants), issuers, changers, tuple(undeclared))

    @property
    def keyed(self) -> list[Signature]:
        """The operations that make records and are given their keys."""
        return [signature for signature in self.signatures if signature.keys and signature.makes]

    @property
    def keyless(self) -> list[Signature]:
        """The operations that make and show records, and are given no key of them."""
        return [one for one in self.signatures if one.makes and not one.keys and one.makes[-1] in one.gives]

    @property
    def updating(self) -> list[Signature]:
        """The operations that update records."""
        return [signature for signature in self.signatures if signature.updates]

    def makers_of(self, resource: str) -> list[Signature]:
        """Return the operations that make a resource and show it."""
        return [signature for signature in self.signatures if resource in signature.makes and resource in signature.gives]

    def keyed_makers_of(self, resource: str) -> list[Signature]:
        """Return those of them that are given a key."""
        return [maker for maker in self.makers_of(resource) if maker.keys]
