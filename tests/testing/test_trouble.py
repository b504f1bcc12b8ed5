"""Faults and the clock in the hands of tests."""

from __future__ import annotations


def test_the_next_requests_fail_as_planned(run):
    result = run("""
        def test_it(mock_server):
            mock_server.fail_next(status=503, times=2, operation="addInternalContact", retry_after=7)
            assert mock_server.client.patch("/v2/internal-contacts/ict_grace", json={"phone": "1"}).status_code == 200
            assert [add(mock_server).status_code for _ in range(3)] == [503, 503, 200]
            mock_server.requests.assert_requested(status=503, times=2)
            assert mock_server.requests[1].fault == "fault-1"
            mock_server.fail_next()
            assert add(mock_server).status_code == 500

        def test_the_next_test_knows_nothing_of_it(mock_server):
            assert mock_server.faults() == []
            assert add(mock_server).status_code == 200
    """)

    result.assert_outcomes(passed=2)


def test_answers_are_held_back(run):
    result = run(
        """
        import httpx

        def test_it(mock_server):
            mock_server.delay(600, times=1, organization="acme")
            mock_server.client.timeout = httpx.Timeout(60, read=0.05)
            with pytest.raises(httpx.ReadTimeout):
                add(mock_server)

        def test_it_in_process(mock_server_app):
            mock_server_app.delay(0.01)
            assert add(mock_server_app).status_code == 200
    """,
        apart=True,
    )

    result.assert_outcomes(passed=2)
    assert float(result.stdout.lines[-1].split(" in ")[1].split("s")[0]) < 300  # nobody waited for the answer


def test_any_fault_of_a_faults_file_can_be_planned(run):
    result = run("""
        import http.client

        def test_it(mock_server):
            mock_server.plan({"break": "close", "times": 1})
            connection = http.client.HTTPConnection(mock_server.url.removeprefix("http://"))
            connection.request("POST", PATH, "{}")
            with pytest.raises(ConnectionError):
                connection.getresponse()
            connection.close()
    """)

    result.assert_outcomes(passed=1)


def test_a_fault_that_cannot_be_is_told_with_what_could(run):
    result = run("""
        def test_it(mock_server):
            mock_server.fail_next(operation="addInternalContac")
    """)

    assert "there is no operation 'addInternalContac'" in result.stdout.str()


def test_a_report_tells_faults_that_happened_and_those_that_never_did(run):
    result = run("""
        def test_it(mock_server):
            mock_server.fail_next(status=503, operation="addInternalContact")
            mock_server.fail_next(status=500, times=2, operation="updateInternalContact")
            add(mock_server)
            assert False
    """)

    result.stdout.fnmatch_lines(
        [
            "1. POST /v2/partners/ptn_northwind/internal-contacts -> 503  (fault-1)",
            "planned fault-1 happened 1 of 1 times (*status: 503*",
            "planned fault-2 never happened (*status: 500*updateInternalContact*",
        ]
    )


def test_the_clock_stands_still_and_goes_on(run):
    result = run("""
        from datetime import datetime, timedelta

        def test_it(mock_server):
            mock_server.freeze_time("2030-01-02T03:04:05")
            assert add(mock_server).json()["created_at"] == "2030-01-02T03:04:05.000000Z"
            mock_server.advance_time(timedelta(hours=1))
            assert add(mock_server).json()["created_at"] == "2030-01-02T04:04:05.000000Z"

        def test_the_next_test_has_the_usual_time(mock_server):
            assert not add(mock_server).json()["created_at"].startswith("2030")
    """)

    result.assert_outcomes(passed=2)
