"""The phase of simultaneous requests: rounds of races, each of which some order of its requests has to explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from contract_tests.oracle.judging import read_body
from contract_tests.oracle.regions import merged
from contract_tests.runner.failures import Failure, failure_of
from contract_tests.runner.player import Played, Player
from contract_tests.runner.promise_kinds import SIMULTANEOUS
from contract_tests.runner.session import Session
from contract_tests.scenarios.races import Race, Races
from contract_tests.scenarios.templates import Play, Scenario, Unresolved
from contract_tests.transport.wire import Interaction

MANY_TOGETHER, SELDOM = 4, 8
"""Races of more than so many requests are run in one of so many rounds."""

FEW = 2
"""How many races about one promise are run in a round: code that breaks it for one operation mostly does for others."""


def is_racing(session: Session) -> bool:
    """Say whether a run sends simultaneous requests: only to a local target unless it is asked for."""
    settings = session.settings
    return (
        not settings.observes
        and not settings.is_narrow
        and (settings.races or (settings.races is None and session.target.local))
    )


def why_no_races(session: Session) -> str:
    """Say why a run sends none, where nobody asked for that."""
    if session.settings.observes or session.settings.is_narrow or session.settings.races is not None:
        return ""
    return "Simultaneous requests were not sent: the target is not local, and --races was not given."


def race(session: Session) -> None:
    """Run the races in rounds, each until it goes wrong."""
    promises: dict[str, list[Race]] = {}
    for one in Races(session.subject).kinds():
        promises.setdefault(one.about, []).append(one)
    for round_number in range(session.settings.budget.rounds):
        for one in (one for races in promises.values() for one in in_turns(races, round_number)):
            cause = f"race: {one.about}"
            if cause not in session.log.findings:
                played = run_race(session.player, one)
                if played is not None and played.failure is not None and played.failure.is_of_clock:
                    session.player.oracle.memory.allow_for_another_clock()
                    played = run_race(session.player, one)
                if played is not None and played.failure is not None:
                    finding = session.log.finding_of(played, together=True)
                    title = f"Simultaneous requests ({one.title.rpartition(': ')[2]}): {finding.title}"
                    broken = ((str(played.failure.operation), SIMULTANEOUS.text),)
                    session.log.add(replace(finding, cause=cause, title=title, part="races", breaks=broken))


def in_turns(races: Sequence[Race], round_number: int) -> Iterator[Race]:
    """Yield those races about one promise that are run in a round: a few of them, those of many requests seldom."""
    few = [one for one in races if len(one.together) <= MANY_TOGETHER]
    start = round_number * FEW % len(few) if few else 0
    yield from [*few[start:], *few[:start]][:FEW]
    yield from (one for one in races if one not in few and round_number % SELDOM == 0)


def run_race(player: Player, race: Race) -> Played | None:
    """Run a race once; return what came of it, None where that says nothing: what is wrong one by one is told elsewhere."""
    play, steps = player.new_play(), list[Interaction]()
    hypotheses = player.oracle.hypotheses(player.regions)
    for planned in race.before:
        failure, hypotheses = player.make(planned, play, hypotheses, steps)
        if failure is not None:
            return None
    try:
        calls = [play.call(planned) for planned in race.together]
    except Unresolved:
        return None
    replies = player.client.send_together(calls)
    for planned, reply in zip(race.together, replies, strict=True):
        player.note(planned, play, reply, read_body(reply))
    answered = zip(race.together, replies, strict=True)
    if player.client.wait_after(replies) or any(player.lacks(planned.operation, reply) for planned, reply in answered):
        return None
    together = [
        Interaction(call, reply, f"{planned.note} (at the same time)")
        for planned, call, reply in zip(race.together, calls, replies, strict=True)
    ]
    steps += together
    failure = _flawed(player, race, play, together)
    asked = zip(race.together, calls, strict=True)
    if any(player.oracle.contradicts_itself(hypotheses, planned.operation, call) for planned, call in asked):
        return None
    if failure is None:
        exchanges = [(step.call, step.reply, read_body(step.reply)) for step in together]
        following, explanation = player.oracle.follow_together(hypotheses, exchanges)
        if not explanation.explained:
            failure = failure_of(race.together[-1], explanation, replies[-1])
        elif not following:
            return None
        for planned in race.together:
            player.tally.add(SIMULTANEOUS, planned.operation)
        hypotheses = following
    for planned in race.after if failure is None else ():
        failure, hypotheses = player.make(planned, play, hypotheses, steps)
        if failure is not None:
            break
    if failure is None:
        player.regions = merged([dict(hypothesis.region) for hypothesis in hypotheses])
    return Played(Scenario(race.title, (*race.before, *race.together, *race.after)), steps, failure, [])


def _flawed(player: Player, race: Race, play: Play, together: list[Interaction]) -> Failure | None:
    """Note the replies to simultaneous requests; return what is wrong with the first that is wrong whatever was asked for."""
    failures = []
    for planned, step in zip(race.together, together, strict=True):
        play.note_reply(planned, step.reply, read_body(step.reply))
        if flaws := player.oracle.judge.flaws(planned.operation, step.reply):
            failures.append(Failure.of_flaws(planned, flaws, step.reply))
    return failures[0] if failures else None
