"""What a test that fails tells about its mocks."""

from __future__ import annotations


def test_an_assertion_shows_the_nearest_request_and_its_differences(run):
    result = run("""
        def test_it(mock_server):
            mock_server.client.patch("/v2/internal-contacts/ict_grace", json={"phone": "1"})
            add(mock_server, given_name="Ada", internal_role="boss")
            mock_server.requests.assert_requested(
                method="post", path="/v2/partners/{partner_id}/internal-contacts", operation="addInternalContact",
                json={**PERSON, "given_name": "Augusta"}, query={"dry": "1"}, headers={"Authorization": "Bearer other"},
            )
    """)

    result.stdout.fnmatch_lines(
        [
            "E*AssertionError: Expected at least once: method=*",
            "E*0 of 2 requests matched.",
            "E*The nearest is 2. POST /v2/partners/ptn_northwind/internal-contacts -> 422, which differs in",
            'E*query dry: expected "1", got nothing',
            'E*header authorization: expected "Bearer [*][*][*]", got "Bearer [*][*][*]"',
            'E*body /internal_role: expected "csm", got "boss"',
            'E*body /given_name: expected "Augusta", got "Ada"',
            "E*(it was rejected: body /internal_role: this value is not one of*",
            "E*Other requests:",
            "E*1. PATCH /v2/internal-contacts/ict_grace -> 200",
        ]
    )


def test_requests_are_filtered_and_counted(run):
    result = run("""
        def test_it(mock_server):
            requests = mock_server.requests
            with pytest.raises(AssertionError, match="received no requests"):
                requests.assert_requested()
            add(mock_server)
            add(mock_server, internal_role="boss")
            assert [asked.status for asked in requests.filter(path=PATH)] == [200, 422]
            assert requests.assert_requested(containing={"email": "ada@acme.example"}, times=2) == requests[:]
            assert requests[-1].violations[0].pointer == "/internal_role"
            assert requests[0].json == PERSON and requests[0].answer["internal_role"] == "csm"
            requests.assert_not_requested(organization="globex")
            with pytest.raises(AssertionError, match="Expected never"):
                requests.assert_not_requested(status=422)
            with pytest.raises(TypeError, match="requests have no 'paht'; did you mean 'path'?"):
                requests.filter(paht=PATH)
            requests.clear()
            assert len(requests) == 0 and len(mock_server.state.records("InternalContact")) == 3
    """)

    result.assert_outcomes(passed=1)


def test_no_request_of_a_test_is_forgotten_or_cut_short(run):
    result = run("""
        def test_it(mock_server):
            for number in range(1100):
                add(mock_server, given_name=str(number))
            add(mock_server, given_name="x" * 100_000)
            assert len(mock_server.requests) == 1101
            mock_server.requests.assert_requested(containing={"given_name": "0"}, times=1)
            mock_server.requests.assert_requested(containing={"given_name": "x" * 100_000}, times=1)
    """)

    result.assert_outcomes(passed=1)


def test_an_assertion_on_what_the_mock_does_not_have_is_a_mistake(run):
    result = run("""
        def test_it(mock_server):
            add(mock_server)
            with pytest.raises(LookupError, match="no operation 'addInternalContat'; did you mean 'addInternalContact'?"):
                mock_server.requests.assert_not_requested(operation="addInternalContat")
            with pytest.raises(LookupError, match="no organization 'acmee'; did you mean 'acme'?"):
                mock_server.requests.filter(organization="acmee")
            mock_server.requests.assert_not_requested(operation=None)
    """)

    result.assert_outcomes(passed=1)


def test_what_pytest_shows_of_a_mock_and_its_requests_is_short_and_has_no_secret(run):
    result = run("""
        def test_it(mock_server):
            add(mock_server)
            assert repr(mock_server) == f"<mock server at {mock_server.url}>"
            assert repr(mock_server.requests) == f"[<Asked 1. POST {PATH} -> 200>]"
            assert repr(mock_server.state).startswith("{'acme': {")
            mock_server.fail_next(status=418)
    """)

    result.stdout.fnmatch_lines(["E*FlawedInput: *", "E*no operation documents an answer 418*"])
    result.stdout.no_fnmatch_line("*raise_if_any*")


def test_a_failing_test_shows_its_exchanges_and_no_secret(run):
    result = run("""
        def test_it(mock_server, mock_server_factory):
            add(mock_server, email="", phone=3, name="acme-token")
            mock_server_factory()
            assert False
    """)

    section = result.outlines[next(i for i, line in enumerate(result.outlines) if "- mock server: exchanges at" in line) :]
    assert section[1:7] == [
        "1. POST /v2/partners/ptn_northwind/internal-contacts -> 422",
        "   rejected (invalid): body /email: this value is shorter than 1 character (and 1 more)",
        "   - body /email: this value is shorter than 1 character",
        '   - body /phone: this value is not of types "null", "string"',
        '   sent: {"email":"","internal_role":"csm","phone":3,"name":"***"}',
        section[6],
    ]
    assert section[7] == "no requests"


def test_a_test_that_passes_shows_nothing(run):
    assert "mock server" not in run("def test_it(mock_server): add(mock_server)", "-rA").stdout.str()


def test_only_the_latest_exchanges_are_shown(run):
    result = run("""
        def test_it(mock_server):
            for number in range(30):
                add(mock_server)
            assert False
    """)

    assert "… 10 earlier exchanges" in result.outlines
    assert "10. POST /v2/partners/ptn_northwind/internal-contacts -> 200" not in result.outlines
    assert "30. POST /v2/partners/ptn_northwind/internal-contacts -> 200" in result.outlines
