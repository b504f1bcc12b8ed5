"""Keeping an eye on a few records through the whole run: what was made early has to be there to the end."""

from __future__ import annotations

from collections.abc import Sequence

from contract_tests.forms import Form
from contract_tests.messages import Step
from contract_tests.moves import Move, Party, Scenario
from contract_tests.playing import Failure, Played, Player
from contract_tests.scripts import Script, Unprovidable

RECORDS = 2


class Vigil:
    """Records that are made at the beginning and looked at now and then, in lockstep like everything else."""

    def __init__(self, player: Player, forms: Sequence[Form], parties: Sequence[Party]) -> None:
        self._player = player
        self._script = Script(forms, parties, "records that were made at the beginning")
        self._forms = [form for form in forms if form.finds_by_key]
        self._play = player.new_play()
        self._worlds = player.lockstep.worlds(player.regions)
        self._steps: list[Step] = []
        self._over = False

    def begin(self) -> Played | None:
        """Make the records; return what goes wrong."""
        return self._look("fill them in", fill="full")

    def look(self) -> Played | None:
        """Look at the records again; return what goes wrong, once."""
        return self._look("what is stored now")

    def _look(self, note: str, **options: str) -> Played | None:
        for number, form in enumerate(self._forms):
            for record in range(RECORDS):
                for party in range(len(self._script.parties)):
                    moves = self._moves(form, note, number * RECORDS + record + 1, party, options)
                    for move in moves:
                        if self._over:
                            return None
                        failure, self._worlds = self._player.make(move, self._play, self._worlds, self._steps)
                        if failure is not None:
                            return self._failed(failure)
        return None

    def _moves(self, form: Form, note: str, key: int, party: int, options: dict[str, str]) -> list[Move]:
        before = len(self._script.moves)
        try:
            self._script.call(form, note, key=key, party=party, variant=key, **options)  # type: ignore[arg-type]
        except Unprovidable:
            del self._script.moves[before:]
        return self._script.moves[before:]

    def _failed(self, failure: Failure) -> Played:
        self._over = True
        moves = tuple(self._script.moves)
        return Played(Scenario(self._script.title, moves, "reliability"), self._steps, failure, [])
