"""What a user's tests get: pytest runs them here as it does at the user's."""

from __future__ import annotations

import json

import pytest
from places import FIXTURES, LIBRARY

SEED = {"organizations": {"tiny": {"tokens": ["tiny-token"], "resources": {"Partner": [{"id": "ptn_one"}]}}}}


def test_one_line_gives_a_mock_that_each_test_finds_as_it_was(run):
    result = run("""
        def test_first(mock_server):
            assert add(mock_server).status_code == 200
            assert len(mock_server.state.records("InternalContact")) == 3

        def test_second(mock_server):
            assert len(mock_server.requests) == 0
            assert len(mock_server.state["acme"]["InternalContact"]) == 2

        def test_the_server_is_the_same(mock_server, request):
            assert mock_server.url.startswith("http://127.0.0.1:")
            assert mock_server.tokens == {"acme": "acme-token", "globex": "globex-token"}
            assert mock_server.token == "acme-token"
    """)

    result.assert_outcomes(passed=3)


def test_a_test_resets_seeds_and_restores(run):
    result = run(f"""
        def test_it(mock_server):
            before = mock_server.snapshot()
            add(mock_server)
            after = mock_server.state
            mock_server.restore(before)
            assert len(mock_server.state.records("InternalContact")) == 2 != len(after.records("InternalContact"))
            mock_server.seed({SEED!r})
            assert list(mock_server.state) == ["tiny"] and mock_server.token == "tiny-token"
            mock_server.reset()
            assert list(mock_server.state) == ["tiny"]

        def test_the_next_one_has_the_usual_fixtures(mock_server):
            assert list(mock_server.state) == ["acme", "globex"]
    """)

    result.assert_outcomes(passed=2)


def test_the_marker_chooses_fixtures_and_choices(run, pytester):
    (pytester.path / "tiny.json").write_text(json.dumps(SEED))
    result = run("""
        pytestmark = pytest.mark.mock_server(assume={"duplicate-assignment": "reuse"})

        @pytest.mark.mock_server(seed="tiny.json")
        def test_a_file_beside_the_test(mock_server):
            assert list(mock_server.tokens) == ["tiny"]

        @pytest.mark.mock_server(assume={"duplicate-assignment": "conflict"})
        def test_the_nearest_marker_counts(mock_server):
            assert [add(mock_server).status_code, add(mock_server).status_code] == [200, 409]

        def test_that_of_the_module(mock_server):
            assert add(mock_server).json()["id"] == add(mock_server).json()["id"]
    """)

    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("asume={}", "the marker mock_server takes seed=…, profile=…, assume=…, not asume"),
        ("assume=['duplicate-assignment']", "has to map assumptions to choices"),
        ("assume={'duplicate-assignment': 'no'}", "'no' is not a choice of duplicate-assignment"),
        ("seed='missing.yaml'", "cannot be read"),
        ("seed={'organizations': {'a': {'tokens': []}}}", "/organizations/a/tokens"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(run, marker, told):
    result = run(f"""
        @pytest.mark.mock_server({marker})
        def test_it(mock_server):
            pass
    """)

    result.assert_outcomes(errors=1)
    assert told in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "plugin.py" not in result.stdout.str()
    assert "During handling of" not in result.stdout.str()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("mock_server.seed('missing.yaml')", "missing.yaml: cannot be read"),
        ("mock_server_factory('missing.yaml')", "missing.yaml: cannot be read"),
        ("mock_server_factory(assume={'nothing': 'no'})", "there is no assumption 'nothing'"),
        ("mock_server.freeze_time('yesterday')", "'yesterday' is not a time such as 2026-01-15T09:30:00Z"),
    ],
)
def test_a_mistake_within_a_test_is_shown_at_the_line_of_the_test(run, line, told):
    result = run(f"""
        def test_it(mock_server, mock_server_factory):
            {line}
    """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">*{line.replace('[', '[[]')}", f"E*{told}*", "test_it.py:*"])
    assert "mock_server/testing" not in result.stdout.str()


def test_a_file_that_was_written_anew_is_read_anew_but_not_by_a_reset(run):
    result = run("""
        def test_it(mock_server, tmp_path):
            seed = tmp_path / "seed.yaml"
            seed.write_text("organizations: {one: {tokens: [one-token]}}")
            mock_server.seed(seed)
            seed.write_text("organizations: {two: {tokens: [two-token]}}")
            mock_server.reset()
            assert mock_server.token == "one-token"
            mock_server.seed(seed)
            assert mock_server.token == "two-token"
            seed.unlink()
            mock_server.reset()
            assert mock_server.token == "two-token"
            with pytest.raises(Exception, match="cannot be read"):
                mock_server.seed(seed)
    """)

    result.assert_outcomes(passed=1)


def test_fixtures_may_be_made_up_ever_anew_and_clients_have_their_token(run):
    result = run("""
        def test_it(mock_server):
            for number in range(100):
                mock_server.seed({"organizations": {f"o{number}": {"tokens": [f"t{number}"]}}})
                assert mock_server.client.get("/v2/nowhere").status_code == 404
                assert mock_server.token == f"t{number}" and len(mock_server.requests) == 1
            assert len(mock_server._mocks) == len(mock_server._factory._fixtures) == 64
    """)

    result.assert_outcomes(passed=1)


def test_settings_are_fixtures_that_users_override(run):
    result = run(f"""
        @pytest.fixture(scope="session")
        def mock_server_document():
            return {str(LIBRARY)!r}

        @pytest.fixture
        def mock_server_seed():
            return {str(FIXTURES[LIBRARY])!r}

        def test_it(mock_server):
            assert mock_server.contract.title != "Partner API"
            assert "Book" in mock_server.contract.resources
    """)

    result.assert_outcomes(passed=1)


def test_tests_of_another_document_do_without_choices_for_the_first_one(run, pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nmock_server_assume = email-case=ignore\n")
    result = run(f"""
        class TestTheBundledDocument:
            def test_it(self, mock_server):
                assert mock_server.profile["email-case"].choice == "ignore"

        class TestTheLibrary:
            @pytest.fixture(scope="class")
            def mock_server_document(self):
                return {str(LIBRARY)!r}

            @pytest.fixture(scope="class")
            def mock_server_assume(self):
                return {{}}

            def test_it(self, mock_server):
                assert "email-case" not in mock_server.profile
    """)

    result.assert_outcomes(passed=2)


def test_a_time_that_is_none_is_told_with_one_that_is(run):
    result = run("""
        def test_it(mock_server):
            with pytest.raises(ValueError, match="'yesterday' is not a time such as 2026-01-15T09:30:00Z"):
                mock_server.freeze_time("yesterday")
    """)

    result.assert_outcomes(passed=1)


def test_an_option_goes_before_a_variable_before_the_ini_file_before_the_default(run, pytester, monkeypatch):
    test = """
        def test_it(mock_server):
            print("choice:", mock_server.profile["duplicate-assignment"].choice)
    """
    assert "choice: create" in run(test, "-s").stdout.str()

    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nmock_server_assume = duplicate-assignment=conflict\n"
        "mock_server_profile = profiles/ours.yaml\n"
    )
    (pytester.path / "profiles").mkdir()
    (pytester.path / "profiles" / "ours.yaml").write_text("assumptions: {email-case: ignore, duplicate-assignment: create}")
    assert "choice: conflict" in run(test, "-s").stdout.str()

    monkeypatch.setenv("MOCK_SERVER_ASSUME", "duplicate-assignment=reuse")
    assert "choice: reuse" in run(test, "-s").stdout.str()
    assert "choice: create" in run(test, "-s", "--mock-assume", "duplicate-assignment=create").stdout.str()


def test_files_are_found_from_where_they_are_named(run, pytester, monkeypatch):
    (pytester.path / "tiny.json").write_text(json.dumps(SEED))
    test = """
        def test_it(mock_server):
            assert list(mock_server.tokens) == ["tiny"]
    """
    run(test, "--mock-seed", "tiny.json").assert_outcomes(passed=1)

    monkeypatch.setenv("MOCK_SERVER_SEED", str(pytester.path / "tiny.json"))
    run(test).assert_outcomes(passed=1)


def test_the_factory_starts_further_servers(run):
    result = run(f"""
        import socket

        def test_it(mock_server, mock_server_factory):
            other = mock_server_factory(assume={{"duplicate-assignment": "conflict"}})
            library = mock_server_factory({str(LIBRARY)!r})
            assert len({{mock_server.url, other.url, library.url}}) == 3
            assert [add(other).status_code, add(other).status_code] == [200, 409]
            assert len(mock_server.requests) == 0
            assert library.token == "mock-token"
            global place
            place = "127.0.0.1", int(other.url.rpartition(":")[2])

        def test_they_are_gone_after_the_test(mock_server):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(place)
    """)

    result.assert_outcomes(passed=2)


def test_an_application_is_called_without_a_socket(run):
    result = run("""
        import asyncio

        def test_it(mock_server_app):
            assert mock_server_app.client.post(PATH, json=PERSON).status_code == 200
            mock_server_app.requests.assert_requested(method="post", json=PERSON)

        def test_from_a_coroutine(mock_server_app):
            async def ask():
                return await mock_server_app.async_client.post(PATH, json=PERSON), mock_server_app.client.post(PATH, json=PERSON)

            assert [answer.status_code for answer in asyncio.run(ask())] == [200, 200]
            assert len(mock_server_app.state.records("InternalContactAssignment", partner_id="ptn_northwind")) == 3
    """)

    result.assert_outcomes(passed=2)


def test_what_the_state_does_not_have_is_told_with_what_it_has(run):
    result = run("""
        def test_it(mock_server):
            with pytest.raises(KeyError, match="no organization 'acmee'.*did you mean 'acme'"):
                mock_server.state["acmee"]
            with pytest.raises(KeyError, match="no resource 'Contact'"):
                mock_server.state.records("Contact")
            assert len(mock_server.state) == 2
    """)

    result.assert_outcomes(passed=1)


def test_the_plugin_costs_nothing_when_it_is_not_used(run, pytester):
    result = run(
        """
        import sys

        def test_it():
            heavy = {"httpx", "uvicorn", "starlette", "pydantic", "yaml", "jsonschema_rs", "mock_server.contract.model"}
            assert heavy & set(sys.modules) == set()
        """,
        *("-p", "no:schemathesis"),
        apart=True,
    )

    result.assert_outcomes(passed=1)
