"""A whole run: from the first request that shows whether anybody is there, to the outcome."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from contract_tests.oracle.hypotheses import Oracle, merged
from contract_tests.oracle.initial_state import credentials_of, seed_of
from contract_tests.oracle.judging import essence, read_body
from contract_tests.runner.findings import finding_of, one_for_each_cause, sporadic_title, title_of
from contract_tests.runner.known_ids import KnownIds
from contract_tests.runner.outcome import Finding, Outcome, Settlement
from contract_tests.runner.player import Failure, Played, Player, failure_of
from contract_tests.runner.random_sequences import explore
from contract_tests.runner.retention import Retention
from contract_tests.runner.settings import RunSettings
from contract_tests.runner.shrinking import confirm, shrink
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.calibration import Calibration
from contract_tests.scenarios.conformance import ConformanceScenarios
from contract_tests.scenarios.key_variants import Aspect
from contract_tests.scenarios.races import Race, Races
from contract_tests.scenarios.signatures import Signature, Slot, read_signatures
from contract_tests.scenarios.templates import Scenario, Unresolved
from contract_tests.transport.client import Client, Exhausted
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.wire import Interaction, Target, WireResponse, is_lost
from mock_server.contract.model import Contract, Decision, FindOrCreate
from mock_server.contract.schema import Schema

MOST_FINDINGS = 20
MOST_OBSERVING = 199
"""How many requests are sent at most to settle assumptions alone, unless more are allowed: what is last seldom tells much."""

FEW_LOST, LOST_IN = 2, 500
"""So many requests, or one in so many, may get no answer: a network is no part of the contract."""


class Progress(Protocol):
    """Whoever wants to know how a run goes on."""

    def phase(self, name: str) -> None:
        """A part of the run begins."""

    def requests(self, count: int) -> None:
        """So many requests have been sent."""

    def finding(self, finding: Finding) -> None:
        """Something was found."""


class NoProgress:
    """Nobody wants to know."""

    def phase(self, name: str) -> None:
        """Say nothing."""

    def requests(self, count: int) -> None:
        """Say nothing."""

    def finding(self, finding: Finding) -> None:
        """Say nothing."""


class Unjudged(Exception):  # noqa: N818 (it ends a run early, with a reason)
    """Raised when no verdict can be given."""


class Enough(Exception):  # noqa: N818 (it ends a run early)
    """Raised when enough was found."""


def hold_to(contract: Contract, target: Target, settings: RunSettings, progress: Progress | None = None) -> Outcome:
    """Hold `target` to `contract` and return what came of it. Nothing is raised for what a target does."""
    return ContractRun(contract, target, settings, progress or NoProgress()).outcome()


@dataclass(slots=True)
class Sporadic:
    """What went wrong and did not when it was tried again."""

    first: Played
    times: int = 1


@dataclass(slots=True)
class ContractRun:
    """One run."""

    contract: Contract
    target: Target
    settings: RunSettings
    progress: Progress
    findings: dict[str, Finding] = field(default_factory=dict)
    sporadic: dict[str, Sporadic] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    retention: Retention | None = None
    lost: list[Played] = field(default_factory=list)
    """Where a request got no answer at all, and its scenario went well when it was played again."""
    started: float = field(default_factory=time.time)

    signatures: list[Signature] = field(init=False)
    client: Client = field(init=False)
    player: Player = field(init=False)
    secrets: Secrets = field(init=False)
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.signatures = read_signatures(self.contract)
        most = settings.max_requests or (MOST_OBSERVING if settings.only == "assumptions" else None)
        self.client = Client(self.target, rate=settings.rate, max_requests=most, on_request=self.progress.requests)
        self.secrets = Secrets(settings.tenants, settings.expired_token)
        # Every run has keys of its own, whatever its seed: what an earlier one made is still there.
        self.tag = f"r{random.SystemRandom().randrange(10**8, 10**9)}"
        oracle = Oracle.of(self.contract, credentials_of(settings.tenants), seed_of(self.contract, settings.tenants))
        oracle.judge.tag = self.tag
        self.player = Player(oracle, self.client, settings.tenants, self.tag, [oracle.everything_open()])

    def outcome(self) -> Outcome:
        """Run everything and return what came of it."""
        reason = ""
        try:
            for name, phase in self._phases():
                if name:
                    self.progress.phase(name)
                phase()
                self._check_retention()
        except Unjudged as unjudged:
            reason = self.secrets.mask(str(unjudged))
        except Exhausted as exhausted:
            self.limits.append(f"The run stopped at its limit of {exhausted}.")
        except Enough:
            pass
        self._tell_sporadic()
        verdict = "unjudged" if reason else "broken" if self.findings else "conforms"
        return Outcome(
            verdict=verdict,  # type: ignore[arg-type]  # one of the three
            target=self.target.name,
            document=self.document,
            title=self.contract.title,
            started=datetime.fromtimestamp(self.started, UTC).isoformat("T", "seconds").replace("+00:00", "Z"),
            seconds=time.time() - self.started,
            random_seed=self.settings.random_seed,
            budget=self.settings.budget.name,
            findings=tuple(one_for_each_cause(list(self.findings.values()))) if not reason else (),
            settlements=() if reason else tuple(self._settlements()),
            differences=tuple(self._differences()),
            limits=(*self.limits, *self._contradictions(), *(() if reason else self._unseen())),
            requests=self.client.count,
            by_operation={name: dict(sorted(counts.items())) for name, counts in self.client.statuses.items() if name},
            created={name: tuple(self.secrets.mask(str(id)) for id in ids) for name, ids in self.player.created.items()},
            tag=self.tag,
            reason=reason,
        )

    def _contradictions(self) -> Iterator[str]:
        for operation in self.player.contradictions:
            yield (
                f"{operation} was not judged where its behaviour leads to a response that its own schema forbids; "
                "mock-server explain tells which."
            )

    @property
    def document(self) -> str:
        """The name of the document."""
        return self.contract.document.main.path.name

    def _phases(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "", self._reach
        yield "settling assumptions", self._settle
        if self.settings.only == "assumptions":
            return
        yield "values, keys, refusals, organizations", self._try
        if self.settings.races or (self.settings.races is None and self.target.local):
            yield "simultaneous requests", self._race
        elif self.settings.races is None:
            self.limits.append("Simultaneous requests were not sent: the target is not local, and --races was not given.")
        yield "random sequences", self._explore
        if self.settings.shape:
            yield "generated bodies", self._generate

    # Whether anybody is there.

    def _reach(self) -> None:
        replies: list[WireResponse] = []
        for tenant, organization in enumerate(self.settings.tenants):
            answered: list[WireResponse] = []
            for signature in self.signatures:
                for step in self._as_meant(signature, tenant):
                    answered.append(step.reply)
                    if step.reply.trouble and not replies and len(answered) == 1:
                        raise Unjudged(f"{self.target.name} is not reachable: {step.reply.trouble}")
                if tenant and any(reply.is_success for reply in answered):
                    break
            if answered and all(reply.status in (401, 403) for reply in answered):
                whose = "the token" if organization is self.settings.tenants[0] else "the token of the other organization"
                raise Unjudged(f"{whose} is rejected: every request returned {_listed(answered)}")
            replies += answered
        if not replies:
            raise Unjudged("no operation of the document declares a behaviour that can be tried")
        if not any(reply.is_success and not _is_page(reply) for reply in replies):
            raise Unjudged(_nothing_reached(self.target.name, replies))
        if wrong := list(KnownIds(self.signatures, self.settings.tenants, self._last_reply).wrong()):
            raise Unjudged("; ".join(wrong))
        for name, ids in self.player.created.items():
            self.player.oracle.memory.ids.setdefault(name, {}).update(ids)

    def _as_meant(self, signature: Signature, tenant: int) -> list[Interaction]:
        """Use an operation as it is meant to be used, and return what was sent; nothing is judged yet."""
        builder = ScenarioBuilder(self.signatures, self.settings.tenants, str(signature.operation))
        try:
            builder.call(signature, "as it is meant, with what is required", tenant=tenant)
            builder.call(signature, "as it is meant, with everything", tenant=tenant, fill="full", variant=1)
        except Unprovidable:
            return []
        return self._send_all(builder.scenario())

    def _last_reply(self, scenario: Scenario) -> WireResponse | None:
        """Return the reply to the last request of a scenario; None when it could not be sent."""
        steps = self._send_all(scenario)
        return steps[-1].reply if steps and steps[-1].note == scenario.requests[-1].note else None

    def _send_all(self, scenario: Scenario) -> list[Interaction]:
        """Send a scenario and return what was sent; nothing is judged yet."""
        play = self.player.new_play()
        steps = []
        for planned in scenario.requests:
            try:
                call = play.call(planned)
            except Unresolved:
                continue
            reply = self.client.send(call)
            body = read_body(reply)
            play.note_reply(planned, reply, body)
            self.player.note_created(planned, body, reply)
            steps.append(Interaction(call, reply, planned.note))
        return steps

    # What is open.

    def _settle(self) -> None:
        for scenario in Calibration(self.contract, self.signatures, self.settings.tenants).scenarios():
            if self.player.would_learn(scenario):
                self._play(scenario)

    def _check_retention(self) -> None:
        """Look whether what was made at the beginning is still there."""
        if self.retention is None:
            if self.settings.only == "everything" and self.player.consulted:
                self.retention = Retention(self.player, self.signatures, self.settings.tenants)
                self.retention.begin()
            return
        played = self.retention.look()
        if played is not None:
            finding = finding_of(played, self.document, self.secrets)
            title = f"Records made at the start of the run are lost later: {finding.title}"
            self._found(replace(finding, cause="not kept", title=title))

    # What is promised.

    def _try(self) -> None:
        settings = self.settings
        calibration = Calibration(self.contract, self.signatures, settings.tenants)
        allowed = settings.undocumented_methods
        trials = ConformanceScenarios(
            self.contract,
            self.signatures,
            settings.tenants,
            is_plain=self._is_plain,
            expired_token=settings.expired_token,
            undocumented_methods=self.target.local if allowed is None else allowed,
            thinning=settings.budget.thinning,
        )
        for scenario in [*calibration.scenarios(), *trials.scenarios()]:
            self._play(scenario)

    def _is_plain(self, slot: Slot, aspect: Aspect) -> bool:
        """Say whether a key is taken as it is in some respect, whatever is still open."""
        if not aspect:
            return True
        if slot.resource is None:
            return False
        decision = {"case": slot.resource.key_case, "space": slot.resource.key_space}.get(aspect)
        if decision is not None and any(outcome != "exact" for outcome in self._outcomes(decision)):
            return False
        if slot.schema.formats:
            return False  # how strictly a format is read differs
        for name, choices in slot.schema.conditions.items():
            if any(_has_syntax(asked) and choice in self.player.possible(name) for choice, asked in choices.items()):
                return False
        return True

    def _outcomes(self, decision: Decision[str]) -> list[str]:
        """Return the outcomes of a decision that nothing has contradicted."""
        if decision.assumption is None:
            return list(decision.possible())
        return [decision.outcomes[choice] for choice in self.player.possible(decision.assumption)]

    def _play(self, scenario: Scenario) -> None:
        played = self.player.play(scenario)
        if played.failure is None:
            self.player.keep(played)
            return
        self._look_into(played)

    def _look_into(self, played: Played) -> None:
        failure = played.failure
        if failure is None:
            return
        if failure.cause in self.findings:
            known = self.findings[failure.cause]
            self.findings[failure.cause] = replace(known, times=known.times + 1, out_of=max(known.out_of, known.times + 1))
            return
        again = confirm(self.player, played)
        if again is None and is_lost(played.steps[-1].reply):
            self.lost.append(played)
        elif again is None:
            known_sporadic = self.sporadic.setdefault(failure.kind, Sporadic(played, 0))
            known_sporadic.times += 1
        else:
            self._found(finding_of(shrink(self.player, again), self.document, self.secrets))

    def _found(self, finding: Finding) -> None:
        self.findings[finding.cause] = finding
        self.progress.finding(finding)
        if self.settings.stop_at_first or len(self.findings) >= MOST_FINDINGS:
            raise Enough

    def _tell_sporadic(self) -> None:
        if len(self.lost) > max(FEW_LOST, self.client.count // LOST_IN):
            self.sporadic["trouble"] = Sporadic(self.lost[0], len(self.lost))
        for kind, sporadic in self.sporadic.items():
            if kind == "answer" and self.findings and sporadic.times == 1:
                continue  # one odd answer beside real findings is most likely one of them
            finding = finding_of(sporadic.first, self.document, self.secrets, times=sporadic.times, out_of=self.client.count)
            title = f"{sporadic_title(kind)}: {finding.title}"
            self.findings.setdefault(
                f"sporadic {kind}", replace(finding, cause=f"sporadic {kind}", title=title, part="reliability")
            )

    # At the same time.

    def _race(self) -> None:
        races = Races(self.contract, self.signatures, self.settings.tenants).kinds()
        for round_number in range(self.settings.budget.rounds):
            for race in races:
                if len(race.together) > 4 and round_number % 8:
                    continue
                cause = f"race: {race.about}"
                if cause not in self.findings:
                    self._run_race(race, cause)

    def _run_race(self, race: Race, cause: str) -> None:
        player = self.player
        play, steps = player.new_play(), list[Interaction]()
        hypotheses = player.oracle.hypotheses(player.regions)
        failure: Failure | None = None
        for planned in race.before:
            failure, hypotheses = player.make(planned, play, hypotheses, steps)
            if failure is not None:
                return  # what goes wrong one at a time is told elsewhere
        calls = []
        for planned in race.together:
            try:
                calls.append((planned, play.call(planned)))
            except Unresolved:
                return
        replies = self.client.send_together([call for _, call in calls])
        if self.client.wait_after(replies):
            return
        exchanges = []
        for (planned, call), reply in zip(calls, replies, strict=True):
            steps.append(Interaction(call, reply, f"{planned.note} (at the same time)"))
            body = read_body(reply)
            play.note_reply(planned, reply, body)
            exchanges.append((call, reply, body))
            if player.oracle.contradicts_itself(hypotheses, planned.operation, call):
                return
            flaws = player.oracle.judge.flaws(planned.operation, reply)
            if flaws and failure is None:
                kind = "trouble" if reply.trouble else "error" if reply.status >= 500 else "shape"
                failure = Failure(kind, planned.operation, planned, tuple(flaws), received_status=reply.status)  # type: ignore[arg-type]
        if failure is None:
            following, explanation = player.oracle.follow_together(hypotheses, exchanges)
            if not explanation.explained:
                planned, _ = calls[-1]
                failure = failure_of(planned.operation, planned, explanation, replies[-1])
            elif not following:
                return
            hypotheses = following
        for planned in race.after if failure is None else ():
            failure, hypotheses = player.make(planned, play, hypotheses, steps)
            if failure is not None:
                break
        if failure is None:
            player.regions = merged([dict(hypothesis.region) for hypothesis in hypotheses])
            return
        played = Played(Scenario(race.title, (*race.before, *race.together, *race.after)), steps, failure, [])
        finding = finding_of(played, self.document, self.secrets)
        title = f"Simultaneous requests ({race.title.rpartition(': ')[2]}): {title_of(failure)}"
        self._found(replace(finding, cause=cause, title=title, part="races"))

    # Random sequences and bodies.

    def _explore(self) -> None:
        for played in explore(
            self.player,
            self.signatures,
            sequences=self.settings.budget.sequences,
            random_seed=self.settings.random_seed,
            known=set(self.findings),
        ):
            self._look_into(played)

    def _generate(self) -> None:
        from contract_tests.runner.generated_bodies import generate

        for played in generate(
            self.player,
            self.contract,
            self.signatures,
            examples=self.settings.budget.shape_examples,
            random_seed=self.settings.random_seed,
            known=set(self.findings),
        ):
            self._look_into(played)

    # What came of it.

    def _settlements(self) -> Iterable[Settlement]:
        for name, assumption in self.contract.assumptions.items():
            in_use = self.settings.profile.get(name, assumption.default)
            possible = self.player.possible(name)
            evidence = self.player.evidence.get(name)
            step = self.secrets.mask_step(evidence) if evidence else None
            exception = self._exception(name)
            if len(possible) == 1:
                yield Settlement(name, "settled", possible, in_use, step, exception)
            elif exception:
                yield Settlement(name, "inconsistent", possible, in_use, step, exception)
            elif name in self.player.consulted:
                why = "No request distinguished these choices: other behaviour of the target hides the difference."
                yield Settlement(name, "open", possible, in_use, None, why)
            else:
                why = "No request reached this point: other behaviour of the target, or a missing --known id, prevents it."
                yield Settlement(name, "unreachable", possible, in_use, None, why)

    def _exception(self, name: str) -> str:
        """Say which answers follow no choice of an assumption; an empty text when all follow one."""
        for note in self.player.notes:
            kind, _, rest = note.partition(":")
            problem, _, status = rest.partition(":")
            if kind != "status":
                continue
            if problem == "success":
                decisions = [op.behaviour.answer.status.assumption for op in self.contract.operations if op.behaviour]
                if name in decisions:
                    return f"Some successful requests returned {status}, others a different status."
            else:
                decision = self.contract.problem_statuses.get(problem)
                if decision is not None and decision.assumption == name:
                    return f"At least one such request returned {status}; the target does not follow one choice throughout."
        return ""

    def _differences(self) -> Iterable[str]:
        for note, step in self.player.notes.items():
            kind, _, rest = note.partition(":")
            where = f"{step.call.method} {step.call.path}"
            if kind == "status":
                problem, _, status = rest.partition(":")
                if problem == "success":
                    yield self.secrets.mask(f"{where} returns {status}, unlike other successful requests.")
                else:
                    yield self.secrets.mask(f"A request rejected as {problem} returns {status} ({step.note}: {where}).")
            elif kind == "error-body":
                yield self.secrets.mask(f"Error bodies do not have the documented shape ({rest or 'no media type'}; {where}).")
            else:
                yield self.secrets.mask(f"The target {note} ({where}).")

    def _unseen(self) -> Iterable[str]:
        if self.lost:
            trouble = self.secrets.mask(self.lost[0].steps[-1].reply.trouble)
            times = "once" if len(self.lost) == 1 else f"{len(self.lost)} times"
            yield f"A request got no response {times}, but succeeded when it was repeated ({trouble})."
        for signature in self.signatures:
            answered = self.client.statuses.get(signature.operation.id, Counter[int]())
            if not any(200 <= status < 300 for status in answered):
                needed = [slot.resource.name for slot in signature.slots if slot.role == "id" and slot.resource]
                hint = f"; it needs an existing {' and '.join(needed)}: name one with --known" if needed else ""
                yield f"{signature.operation} never succeeded, so its behaviour was hardly tested{hint}."
        if len(self.settings.tenants) < 2:
            yield "Isolation between organizations was not tested: no --other-token was given."
        for signature in self.signatures:
            keyed = any(
                isinstance(step, FindOrCreate) and step.resource.name == signature.updates for step in self.contract.steps()
            )
            if signature.updates and not keyed and not self._is_read(signature.updates):
                unseen = f"Whether {signature.operation} stores its change cannot be tested"
                yield f"{unseen}: no operation returns a stored {signature.updates}."

    def _is_read(self, resource: str) -> bool:
        return any(signature.operation.method == "GET" and resource in signature.gives for signature in self.signatures)


def _is_page(reply: WireResponse) -> bool:
    return essence(reply.header("content-type")) == "text/html" and reply.body.lstrip().startswith(b"<")


def _nothing_reached(target: str, replies: list[WireResponse]) -> str:
    if all(reply.trouble for reply in replies):
        return f"{target} returns no complete response: {replies[0].trouble}"
    if all(essence(reply.header("content-type")) == "text/html" for reply in replies if not reply.trouble):
        return f"{target} returns HTML, not API responses ({_listed(replies)}): is this its base URL?"
    return f"{target} accepted no valid request ({_listed(replies)})"


def _has_syntax(schema: Schema) -> bool:
    """Say whether a schema asks for texts of a certain form: not just any words will do."""
    return bool(schema.formats) or any(re.search(pattern, "any words") is None for pattern in schema.patterns)


def _listed(replies: list[WireResponse]) -> str:
    counts: dict[int, int] = {}
    for reply in replies:
        counts[reply.status] = counts.get(reply.status, 0) + 1
    return ", ".join(f"{status} ({count} times)" if count > 1 else str(status) for status, count in counts.items())
