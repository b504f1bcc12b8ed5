"""`contract-tests clean`: what a run left is deleted, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict

import httpx
import pytest
from listening import http, listening
from listening import json as json_answer
from places import BOARDS, FIXTURES, PARTNER_API, ROOT
from tampering import tampering

from contract_tests.cli.main import main
from contract_tests.runner.ledger import LedgerEntry, read_ledger

FORGE = ROOT / "examples" / "forge" / "forge.overlay.yaml"
FORGE_SEED = FORGE.parent / "fixtures.yaml"
TOKENS = ["--token", "acme-token", "--other-token", "globex-token"]
FORGE_TOKENS = ["--token", "ada-token", "--user", "1", "--other-token", "eve-token", "--other-user", "3"]
KNOWN = ["--known", "Partner=ptn_northwind", "--known", "Partner=ptn_contoso", "--other-known", "Partner=ptn_initech"]


@pytest.fixture
def boards(serve):
    return serve(BOARDS, "--seed", FIXTURES[BOARDS]).url


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger"


def run(document, url, ledger, *options):
    return main(["run", str(document), "--url", url, "--ledger", str(ledger), "--budget", "quick", *options])


def clean(document, ledger, *options):
    return main(["clean", str(document), "--ledger", str(ledger), *options])


def records(url):
    organizations = httpx.get(f"{url}/__admin/state", trust_env=False).json()["organizations"]
    return {name: {resource: kept for resource, kept in resources.items() if kept} for name, resources in organizations.items()}


def count(url):
    return sum(len(kept) for resources in records(url).values() for kept in resources.values())


def entry(resource, id, url, **more):
    return LedgerEntry(resource, id, "organization", "POST /", {f"{resource}.id": id}, url, "r1", **more)


def written(ledger, *entries):
    ledger.write_text("".join(json.dumps(asdict(one)) + "\n" for one in entries))


def test_everything_that_a_run_left_is_deleted_and_once_is_enough(boards, ledger, capsys):
    run(BOARDS, boards, ledger, *TOKENS, "--max-requests", "300")
    assert count(boards) > 40
    first = ledger.read_bytes()
    capsys.readouterr()

    assert clean(BOARDS, ledger, *TOKENS) == 0

    assert "deleted" in capsys.readouterr().out
    assert count(boards) == 0
    assert ledger.read_bytes().startswith(first)
    assert clean(BOARDS, ledger, *TOKENS) == 0
    assert "Nothing is left" in capsys.readouterr().out


def test_what_stood_there_before_stays(serve, ledger):
    url = serve(FORGE, "--seed", FORGE_SEED).url
    before = records(url)
    run(FORGE, f"{url}/api/v4", ledger, *FORGE_TOKENS, "--known", "User=2", "--max-requests", "300")
    assert records(url) != before

    assert clean(FORGE, ledger, *FORGE_TOKENS) == 0

    assert records(url) == before


def test_what_no_operation_deletes_is_listed_with_the_reason(serve, ledger, capsys):
    url = serve().url
    run(PARTNER_API, url, ledger, *TOKENS, *KNOWN, "--max-requests", "100")
    capsys.readouterr()

    assert clean(PARTNER_API, ledger, *TOKENS) == 2

    said = capsys.readouterr().out
    assert "0 records deleted" in said
    assert "the document declares no operation that deletes InternalContact records" in said
    assert "InternalContact ict_" in said


def test_a_rehearsal_names_the_requests_and_sends_none(boards, ledger, capsys):
    run(BOARDS, boards, ledger, *TOKENS, "--max-requests", "200")
    before, held = count(boards), ledger.read_bytes()
    capsys.readouterr()

    assert clean(BOARDS, ledger, *TOKENS, "--dry-run") == 0

    assert "DELETE /labels/1 " in capsys.readouterr().out
    assert count(boards) == before
    assert ledger.read_bytes() == held


def test_a_record_that_took_the_id_of_one_of_the_run_stays(serve, ledger, capsys):
    url = serve(FORGE, "--seed", FORGE_SEED).url
    before = records(url)
    written(ledger, entry("Project", 1, f"{url}/api/v4", tagged=True))

    assert clean(FORGE, ledger, *FORGE_TOKENS) == 2

    assert "does not have the tag of the run" in capsys.readouterr().out
    assert records(url) == before


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"uncertain": "nobody knows"}, "nobody knows"),
        ({"found_by": {}}, "needs {label_id}, which the ledger does not have"),
        ({"organization": "third"}, "--other-token is not given"),
        ({"resource": "Lamp"}, "the document has no such resource"),
    ],
)
def test_what_is_not_known_well_enough_stays(ledger, capsys, made, told):
    with listening(lambda received: http(204)) as server:
        written(ledger, LedgerEntry(**{**asdict(entry("Label", 1, server.url)), **made}))
        code = clean(BOARDS, ledger, "--token", "acme-token")

    assert code == 2
    assert told in capsys.readouterr().out
    assert server.received == []


def test_a_page_that_says_404_is_no_proof_that_a_record_is_gone(ledger, capsys):
    with listening(lambda received: http(404, b"<html>", "Content-Type: text/html")) as server:
        written(ledger, entry("Project", 7, server.url))
        code = clean(FORGE, ledger, *FORGE_TOKENS)

    assert code == 2
    assert "DELETE /projects/{id} returned 404" in capsys.readouterr().out
    assert read_ledger(ledger).left


def test_what_is_refused_at_first_is_tried_again_after_the_others(boards, ledger):
    run(BOARDS, boards, ledger, *TOKENS, "--max-requests", "200")
    refused = []

    def change(received, status, body):
        if received.line.startswith("DELETE") and len(refused) < 3:
            refused.append(received.line)
            return 409, b'{"detail": "it is needed"}'
        return status, body

    with tampering(boards, change) as server:
        ledger.write_text(ledger.read_text().replace(boards, server.url))
        code = clean(BOARDS, ledger, *TOKENS)

    assert len(refused) == 3
    assert code == 0


def test_a_token_that_is_refused_leaves_everything_to_the_next_time(ledger, capsys):
    with listening(lambda received: json_answer(401, b"{}")) as server:
        written(ledger, entry("Label", 1, server.url), entry("Label", 2, server.url))
        code = clean(BOARDS, ledger, *TOKENS)

    assert code == 2
    assert "returned 401" in capsys.readouterr().out
    assert len(read_ledger(ledger).left) == 2
    assert len(server.received) == 2


def test_records_of_another_target_are_not_looked_for_at_this_one(ledger, capsys):
    with listening(lambda received: http(204)) as server:
        written(ledger, entry("Label", 1, "https://api.example"))
        code = clean(BOARDS, ledger, *TOKENS, "--url", server.url)

    assert code == 2
    assert "1 record of another target" in capsys.readouterr().err
    assert server.received == []


def test_which_target_is_meant_has_to_be_said_where_a_ledger_has_several(ledger, capsys):
    written(ledger, entry("Label", 1, "https://api.example"), entry("Label", 1, "https://stage.example"))

    assert clean(BOARDS, ledger, *TOKENS) == 2
    assert "say which with --url" in capsys.readouterr().err


def test_a_line_that_cannot_be_read_is_told_and_keeps_nothing_else_from_being_deleted(ledger, capsys):
    with listening(lambda received: http(204)) as server:
        written(ledger, entry("Label", 1, server.url))
        ledger.write_text("InternalContact ict_1\n" + ledger.read_text())
        code = clean(BOARDS, ledger, *TOKENS)

    said = capsys.readouterr()
    assert code == 2
    assert "line 1 " in said.err
    assert "1 record deleted" in said.out


def test_an_id_that_acts_on_terminals_is_shown_and_does_not_act(ledger, capsys):
    written(ledger, entry("Lamp", "\x1b[2J\nfake line\u202e", "http://127.0.0.1:9"))

    clean(BOARDS, ledger, *TOKENS)

    said = capsys.readouterr().out
    assert r"\x1b[2J\nfake line\u202e" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(("options", "told"), [([], "there is no ledger"), (["--ledger", "missing"], "missing")])
def test_without_a_ledger_there_is_nothing_to_go_by(capsys, options, told):
    assert main(["clean", str(BOARDS), *TOKENS, *options]) == 2
    assert told in capsys.readouterr().err
