"""Keeping an eye on a few records through the whole run: what was made early has to be there to the end."""

from __future__ import annotations

from contract_tests.runner.failures import Failure
from contract_tests.runner.player import Played, Player
from contract_tests.runner.promise_kinds import KEPT
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import PlannedRequest, Scenario
from contract_tests.transport.wire import Interaction

RECORDS = 2


class Retention:
    """Records that are made at the beginning and looked at now and then; the oracle follows, as it does everything else."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._builder = ScenarioBuilder(player.subject, "records that were made at the beginning")
        self._signatures = [signature for signature in player.subject.signatures if signature.finds_by_key]
        self._play = player.new_play()
        self._hypotheses = player.oracle.hypotheses(player.regions)
        self._steps: list[Interaction] = []
        self._over = False

    def begin(self) -> Played | None:
        """Make the records; return what goes wrong."""
        return self._look("fill them in", fill="full")

    def look(self) -> Played | None:
        """Look at the records again; return what goes wrong, once."""
        return self._look("read the record later in the run")

    def _look(self, note: str, **options: str) -> Played | None:
        for number, signature in enumerate(self._signatures):
            for record in range(RECORDS):
                for tenant in range(len(self._player.subject.tenants)):
                    requests = self._requests(signature, note, number * RECORDS + record + 1, tenant, options)
                    for planned in requests:
                        if self._over:
                            return None
                        failure, self._hypotheses = self._player.make(planned, self._play, self._hypotheses, self._steps)
                        if failure is not None:
                            return self._failed(failure)
                        if not options:
                            self._player.tally.add(KEPT, planned.operation)
        return None

    def _requests(
        self, signature: Signature, note: str, key: int, tenant: int, options: dict[str, str]
    ) -> list[PlannedRequest]:
        before = len(self._builder.requests)
        try:
            self._builder.call(signature, note, key=key, tenant=tenant, variant=key, **options)  # type: ignore[arg-type]
        except Unprovidable:
            del self._builder.requests[before:]
        return self._builder.requests[before:]

    def _failed(self, failure: Failure) -> Played:
        self._over = True
        requests = tuple(self._builder.requests)
        return Played(Scenario(self._builder.title, requests, "reliability"), self._steps, failure, [])
