"""A user's tests run under every reading of the contract that can make a difference to them."""

from __future__ import annotations

import pytest

ONBOARDING = """
    def test_onboarding(mock_server):
        assert add(mock_server).status_code == 200
        assert add(mock_server).is_success

    def test_refusal(mock_server):
        assert add(mock_server, internal_role="boss").is_client_error

    def test_without_requests(mock_server):
        pass

    def test_without_a_mock():
        pass
"""


def ids(result: pytest.RunResult, outcome: str) -> set[str]:
    return {
        line.split(" ")[0].removeprefix("test_it.py::") for line in result.outlines if f" {outcome}" in line and "::" in line
    }


def test_a_test_is_repeated_where_an_answer_of_it_rested_on_a_choice(run):
    result = run(ONBOARDING, "-v", "--mock-profiles=all")

    passed, failed = ids(result, "PASSED"), ids(result, "FAILED")
    assert {"test_onboarding", "test_without_requests", "test_without_a_mock"} <= passed
    assert "test_onboarding[duplicate-assignment=reuse]" in passed
    assert {"test_refusal", "test_refusal[invalid-status=400]", "test_refusal[error-format=detail]"} <= passed
    assert {name for name in passed | failed if name.startswith("test_without")} == {
        "test_without_requests",
        "test_without_a_mock",
    }
    assert "test_onboarding[duplicate-assignment=conflict]" in failed
    assert "test_onboarding[success-status=created]" in failed
    assert not any("empty-patch" in name or "old-email" in name for name in passed | failed)


def test_choices_that_interact_are_made_together(run):
    result = run(ONBOARDING, "-v", "--mock-profiles=all")

    passed, failed = ids(result, "PASSED"), ids(result, "FAILED")
    assert "test_onboarding[second-role=conflict]" in passed
    assert "test_onboarding[points-that-meet=next]" not in passed | failed
    assert "test_onboarding[points-that-meet=next+second-role=conflict]" in failed
    assert not any("duplicate-assignment=conflict+" in name for name in passed | failed)


def test_a_test_that_fails_under_one_reading_says_so(run):
    result = run(ONBOARDING, "--mock-profiles=all")

    told = "passes as assumed; fails if: The request is refused with 409 (assumption duplicate-assignment: conflict)"
    assert told in result.outlines
    result.stdout.fnmatch_lines(
        [
            "*= readings of the contract =*",
            "2 tests repeated under * readings that can affect the outcome",
            "test_it.py::test_onboarding passes as assumed; fails if",
            "    The request is refused with 409 (assumption duplicate-assignment: conflict)",
        ]
    )


def test_a_test_that_fails_as_assumed_is_not_repeated(run):
    result = run(
        """
        def test_it(mock_server):
            assert add(mock_server).status_code == 500

        @pytest.mark.xfail
        def test_expected(mock_server):
            assert add(mock_server).status_code == 500

        def test_skipped(mock_server):
            pytest.skip()
        """,
        "--mock-profiles=all",
    )

    result.assert_outcomes(failed=1, xfailed=1, skipped=1)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("default", set()),
        ("invalid-status", {"test_it[invalid-status=400]"}),
        ("duplicate-assignment=conflict", set()),
        ("invalid-status=400,error-format", {"test_it[invalid-status=400]", "test_it[error-format=detail]"}),
        ("invalid-status=400+error-format=detail", {"test_it[invalid-status=400+error-format=detail]"}),
        ("staging.yaml", {"test_it[staging]"}),
    ],
)
def test_a_list_says_which_readings_are_tried(run, pytester, wanted, expected):
    (pytester.path / "staging.yaml").write_text("assumptions: {invalid-status: '400', email-case: ignore}")
    result = run(
        """
        def test_it(mock_server):
            assert add(mock_server, internal_role="boss").is_client_error
        """,
        "-v",
        f"--mock-profiles={wanted}",
    )

    assert ids(result, "PASSED") == {"test_it", *expected}


def test_what_the_contract_does_not_have_cannot_be_tried(run):
    result = run("def test_it(mock_server): pass", "--mock-profiles=invalid-stats")

    result.assert_outcomes(errors=1)
    assert "there is no assumption 'invalid-stats'; did you mean 'invalid-status'?" in result.stdout.str()


def test_what_was_observed_or_chosen_by_the_test_is_no_longer_open(run, pytester):
    (pytester.path / "profile.yaml").write_text(
        "assumptions: {invalid-status: {choice: '400', source: observed, date: 2026-02-01, evidence: staging}}"
    )
    result = run(
        """
        @pytest.mark.mock_server(assume={"error-format": "detail"})
        def test_it(mock_server):
            assert add(mock_server, internal_role="boss").status_code == 400
        """,
        "--mock-profiles=all",
        "--mock-profile=profile.yaml",
    )

    result.assert_outcomes(passed=1)


def test_an_id_of_a_report_can_be_run_again(run):
    test = """
        @pytest.mark.parametrize("name", ["a-b", "c=d"])
        def test_it(mock_server, name):
            assert add(mock_server).json()["remote_id"] is None
    """
    result = run(test, "-v", "test_it.py::test_it[a-b-remote-id=generated]")

    assert ids(result, "PASSED") == {"test_it[a-b]"}
    assert ids(result, "FAILED") == {"test_it[a-b-remote-id=generated]"}
    run(test, "test_it.py::test_it[c=d]").assert_outcomes(passed=1)


def test_each_run_begins_anew_and_what_is_shared_stays(run):
    result = run(
        """
        @pytest.fixture(scope="module")
        def shared():
            yield []
            print("shared is gone")

        @pytest.fixture
        def own(tmp_path):
            yield []
            print("own is gone")

        class TestIt:
            count = 0

            def test_it(self, mock_server, shared, own, tmp_path, caplog):
                self.count += 1
                shared.append(self)
                own.append(self)
                assert self.count == len(own) == 1
                assert add(mock_server, internal_role="boss").is_client_error
                assert list(tmp_path.iterdir()) == []
                (tmp_path / "file").touch()

        def test_last(shared):
            assert len(shared) == 3
        """,
        "-s",
        "-p",
        "no:terminalreporter",
        "--mock-profiles=invalid-status,error-format",
    )

    assert result.stdout.str().count("own is gone") == 3
    assert result.stdout.str().count("shared is gone") == 1


@pytest.mark.parametrize("workers", [["-n2"], ["-n2", "--dist=loadfile"]], ids=" ".join)
def test_readings_are_tried_on_the_workers_of_xdist(run, workers):
    result = run(ONBOARDING, "--mock-profiles=duplicate-assignment", *workers, apart=True)

    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["*readings of the contract*", "1 test repeated under 2 readings*"])


def test_a_run_that_is_to_stop_stops(run):
    run(ONBOARDING, "-x", "--mock-profiles=duplicate-assignment=conflict").assert_outcomes(passed=1, failed=1)


def test_a_unittest_that_takes_a_mock_is_repeated_too(run):
    result = run(
        """
        import unittest

        class ItTest(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def take(self, mock_server):
                self.mock = mock_server

            def test_it(self):
                self.assertEqual(add(self.mock).status_code, 200)
        """,
        "--mock-profiles=success-status,remote-id",
    )

    result.assert_outcomes(passed=2, failed=2)
