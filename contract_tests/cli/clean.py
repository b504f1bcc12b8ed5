"""The command `contract-tests clean`: deleting what runs left on a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from contract_tests.cli.options import Options
from contract_tests.cli.starting import make_target
from contract_tests.reports.wording import counted, visible
from contract_tests.runner.cleaning import Cleaned, Cleaning, Left, gone_along, planned_deletion
from contract_tests.runner.ledger import Ledger, LedgerEntry, LedgerFile, read_ledger
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Play
from contract_tests.transport.client import Client
from contract_tests.transport.interruption import Interrupted, Interruption, name_of
from mock_server.engine.loading import load_contract

MOST_NAMED = 10
"""How many of the records that are left for one reason are named."""


def clean(options: Options, say: Callable[[str], None], tell: Callable[[str], None], interruption: Interruption) -> int:
    """Delete what a ledger names; return 0 if all of it is gone, 2 if something is left, 128 and the signal if interrupted.

    `say` is told the result and `tell` what is wrong. Raise `ValueError`, `OSError` or `FlawedInput` with what is wrong with
    the options.
    """
    if options.ledger is None:
        raise ValueError("there is no ledger: give --ledger, as in --ledger ledger.jsonl, or set CONTRACT_TESTS_LEDGER")
    held = read_ledger(options.ledger)
    for number in held.unreadable:
        tell(f"{options.ledger}: line {number} is not a line of a ledger")
    path, options = options.ledger, replace(options, url=options.url or _only_target(held))
    entries = [entry for entry in held.left if entry.target == options.url.rstrip("/")]
    if others := len(held.left) - len(entries):
        tell(f"{path}: {counted(others, 'record')} of another target than {options.url} stay as they are")
    contract, otherwise = load_contract(options.document_path), 2 if held.unreadable or others else 0
    if not entries:
        say("Nothing is left to delete.")
        return otherwise
    if options.dry_run:
        subject = Subject.of(contract, options.settings(contract).tenants)
        return _rehearse(subject, entries, say) or otherwise
    done: list[Cleaned] = []
    with closing(make_target(options)) as target, closing(Ledger(path, tell)) as ledger:
        logged_in = options.logged_in(contract, target)
        settings = logged_in.settings(contract, is_logged_in=logged_in is not options)
        client = Client(target, rate=options.rate, interruption=interruption)
        try:
            for cleaned in Cleaning(Subject.of(contract, settings.tenants), client, ledger).clean(entries):
                done.append(cleaned)
        except Interrupted as interrupted:
            tell(f"interrupted by {name_of(interrupted.signal)}; what is deleted so far is noted in {options.ledger}")
            say("\n".join(_summary(done)))
            return 128 + interrupted.signal
    say("\n".join(_summary(done)))
    return 2 if any(one.why for one in done) else otherwise


def _only_target(held: LedgerFile) -> str:
    """Return the target of all records; raise `ValueError` where there are several."""
    targets = list(dict.fromkeys(entry.target for entry in held.left))
    if len(targets) > 1:
        raise ValueError(f"the ledger has records of {' and '.join(map(visible, targets))}: say which with --url")
    return targets[0] if targets else ""


def _rehearse(subject: Subject, entries: Sequence[LedgerEntry], say: Callable[[str], None]) -> int:
    left: list[Cleaned] = []
    gone: set[tuple[str, str | int | None]] = set()
    for entry in entries:
        try:
            delete = planned_deletion(subject, entry).delete
        except Left as reason:
            left.append(Cleaned(entry, "left", str(reason)))
            continue
        call = Play("", 0, subject.tenants).call(delete)
        gone.add((entry.resource, entry.id))
        say(f"{visible(call.method)} {visible(call.path)}   {named(entry)}")
    left = [one for one in gone_along(subject, left, gone) if one.state != "gone"][::-1]
    say("\n".join([f"{counted(len(entries) - len(left), 'record')} would go.", *_left(left)]))
    return 2 if left else 0


def _summary(done: Sequence[Cleaned]) -> Iterator[str]:
    deleted, gone = (sum(one.state == state for one in done) for state in ("deleted", "gone"))
    were = f"; {gone:,} {'was' if gone == 1 else 'were'} gone already" if gone else ""
    yield f"{counted(deleted, 'record')} deleted{were}."
    yield from _left([one for one in done if one.why])


def _left(left: Sequence[Cleaned]) -> Iterator[str]:
    """Yield which records are left, by reason."""
    reasons: dict[tuple[str, str], list[LedgerEntry]] = {}
    for one in left:
        reasons.setdefault((one.why, one.entry.resource), []).append(one.entry)
    if left:
        yield f"{counted(len(left), 'record')} left:"
    for (why, _), entries in reasons.items():
        yield f"   {visible(why)}:"
        yield from (f"      {named(entry)}" for entry in entries[:MOST_NAMED])
        if len(entries) > MOST_NAMED:
            yield f"      and {len(entries) - MOST_NAMED:,} more"


def named(entry: LedgerEntry) -> str:
    """Return a record as a person finds it again: what it is, its id or what it was made with, and whose it is."""
    known = str(entry.id) if entry.id is not None else ", ".join(f"{name} {value}" for name, value in entry.found_by.items())
    whose = f" of the {entry.organization}" if entry.organization else ""
    return visible(f"{entry.resource} {known or '(no id)'}{whose}, run {entry.tag}")
