"""The mock of the shop keeps the contract that it is made of, as a deployment would have to."""

from __future__ import annotations

from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Tenant

TENANTS = (Tenant("bookshop", "ck_books:cs_books", {}), Tenant("teashop", "ck_tea:cs_tea", {}))
SMALL = Budget("small", sequences=4, rounds=1, generated_bodies=2, thinning=48)


def test_the_mock_of_the_shop_conforms_also_a_second_time(mock_server_app):
    """What the first run left is there when the second one begins."""
    for seed, most in ((1, None), (2, 1500)):
        target = AppTarget(mock_server_app)
        try:
            outcome = hold_to(
                mock_server_app.contract, target, RunSettings(TENANTS, budget=SMALL, random_seed=seed, max_requests=most)
            )
        finally:
            target.close()
        assert outcome.verdict == "conforms", outcome.findings
