"""The ledger as a file: what is appended is there, whole, whatever happens; what was there before stays."""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from contract_tests.runner.ledger import Ledger, LedgerEntry, read_ledger

CARD = LedgerEntry("Card", 1, "organization", "POST /cards", {"Card.id": 1}, "http://127.0.0.1:4010", "r1", time="now")


def cards(*ids):
    return [replace(CARD, id=id, found_by={"Card.id": id}) for id in ids]


def test_records_are_read_back_the_newest_first_without_those_that_are_gone(tmp_path):
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        for card in cards(1, "two", 3):
            ledger.add(card)
        ledger.add_deleted(cards("two")[0])

    assert read_ledger(tmp_path / "ledger").left == cards(3, 1)


def test_a_line_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        ledger.add(CARD)

        assert read_ledger(tmp_path / "ledger").left == [CARD]


@pytest.mark.parametrize("id", ['1"}\n{"deleted": []}\n', "\x1b[2J\x1b]0;title\x07", "\u202egro.elpmaxe\u2028\x85", "\ud800"])
def test_no_id_can_look_like_a_line_of_its_own_or_act_on_a_terminal(tmp_path, id):
    with closing(Ledger(tmp_path / "ledger")) as ledger:
        ledger.add(cards(id)[0])

    text = (tmp_path / "ledger").read_bytes()
    assert text.count(b"\n") == 1
    assert text.endswith(b"\n")
    assert text.decode("ascii").rstrip("\n").isprintable()


def test_what_an_old_ledger_holds_stays_and_a_line_that_was_cut_off_is_ended(tmp_path):
    path = tmp_path / "ledger"
    path.write_text('kept\n{"resource": "Ca')

    with closing(Ledger(path)) as ledger:
        ledger.add(CARD)

    assert path.read_text().startswith('kept\n{"resource": "Ca\n')
    assert read_ledger(path).left == [CARD]
    assert read_ledger(path).unreadable == [1, 2]


@pytest.mark.parametrize("line", ["null", "3", "[]", "{}", '{"resource": "Card"}', json.dumps({"id": [], "resource": 1})])
def test_a_line_that_is_none_of_a_ledger_is_told(tmp_path, line):
    (tmp_path / "ledger").write_text(line + "\n")

    assert read_ledger(tmp_path / "ledger").unreadable == [1]


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "ledger").symlink_to(tmp_path / "precious")

    with pytest.raises(OSError, match="symbolic link"):
        Ledger(tmp_path / "ledger")

    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize(
    ("path", "told"), [("", "is a folder"), ("/proc/missing/ledger", "no folder"), ("/dev/full", "not a regular file")]
)
def test_what_is_no_plain_file_is_refused(tmp_path, path, told):
    with pytest.raises(OSError, match=told):
        Ledger(tmp_path / path)


def test_a_pipe_that_nobody_reads_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "ledger")

    with pytest.raises(OSError, match="not a regular file"):
        Ledger(tmp_path / "ledger")


@contextmanager
def room_for(size):
    """Let no file grow beyond a size, as on a full disk."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_told_once_and_what_is_missing_is_written_when_there_is_room_again(tmp_path):
    told = []
    ledger = Ledger(tmp_path / "ledger", told.append)

    with room_for(500):
        for card in cards(1, 2, 3, 4):
            ledger.add(card)
        assert len(told) == 1
        assert str(ledger.path) in told[0]
        assert 0 < ledger.missing < 4
        assert read_ledger(ledger.path).left
    ledger.close()

    assert ledger.missing == 0
    assert read_ledger(ledger.path) == read_ledger(ledger.path).__class__(cards(4, 3, 2, 1), [])


def test_two_runs_may_share_a_ledger(tmp_path):
    ledgers = [Ledger(tmp_path / "ledger") for _ in range(2)]

    def fill(number):
        for card in cards(*range(number * 200, number * 200 + 200)):
            ledgers[number].add(card)

    threads = [threading.Thread(target=fill, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ledger in ledgers:
        ledger.close()

    held = read_ledger(tmp_path / "ledger")
    assert {card.id for card in held.left} == set(range(400))
    assert not held.unreadable
