"""The plugin among others: those that spread, shuffle and await tests, and clients of every make."""

from __future__ import annotations

import pytest


def test_each_worker_of_xdist_has_a_server_of_its_own(run):
    result = run(
        """
        @pytest.mark.parametrize("number", range(20))
        def test_it(mock_server, number, worker_id):
            assert add(mock_server).status_code == 200
            assert len(mock_server.requests) == 1
        """,
        "-n2",
        apart=True,
    )

    result.assert_outcomes(passed=20)


def test_coroutines_under_asyncio_and_trio_use_the_client_for_them(run):
    pytest.importorskip("anyio")
    result = run(
        """
        @pytest.mark.asyncio
        async def test_asyncio(mock_server):
            assert (await mock_server.async_client.post(PATH, json=PERSON)).status_code == 200
            assert mock_server.client.post(PATH, json=PERSON).status_code == 200

        @pytest.mark.asyncio
        async def test_another_loop(mock_server, mock_server_app):
            answers = [await server.async_client.post(PATH, json=PERSON) for server in (mock_server, mock_server_app)]
            assert [answer.status_code for answer in answers] == [200, 200]

        @pytest.mark.anyio
        async def test_anyio(mock_server, anyio_backend_name):
            assert (await mock_server.async_client.post(PATH, json=PERSON)).status_code == 200

        @pytest.fixture
        def anyio_backend():
            return "asyncio"
        """,
        "--mock-profiles=success-status=created,remote-id",
        apart=True,
    )

    result.assert_outcomes(passed=6, failed=3)


def test_the_order_of_tests_does_not_matter(run, pytester):
    test = """
        @pytest.mark.parametrize("number", range(10))
        def test_it(mock_server, number):
            assert len(mock_server.state.records("InternalContact")) == 2
            add(mock_server)
    """
    run(test)
    for seed in ("1", "2"):
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", f"--randomly-seed={seed}")
        result.assert_outcomes(passed=10)


def test_modules_may_be_imported_from_anywhere(run):
    run("def test_it(mock_server): add(mock_server)", "--import-mode=importlib").assert_outcomes(passed=1)


def test_any_client_reaches_the_server(run):
    result = run(
        """
        import asyncio
        import os
        import subprocess
        import sys
        from concurrent.futures import ThreadPoolExecutor

        import aiohttp
        import requests


        def test_requests(mock_server):
            headers = {"Authorization": f"Bearer {mock_server.token}"}
            with requests.Session() as session:
                assert session.post(mock_server.url + PATH, json=PERSON, headers=headers).status_code == 200
            mock_server.requests.assert_requested(path=PATH, organization="acme")

        def test_aiohttp(mock_server):
            async def ask():
                headers = {"Authorization": f"Bearer {mock_server.token}"}
                async with aiohttp.ClientSession(headers=headers) as session:
                    async with session.post(mock_server.url + PATH, json=PERSON) as answer:
                        return answer.status

            assert asyncio.run(ask()) == 200

        def test_threads(mock_server):
            with ThreadPoolExecutor(8) as pool:
                people = [f"{number}@acme.example" for number in range(40)]
                answers = list(pool.map(lambda email: add(mock_server, email=email).status_code, people))
            assert answers == [200] * 40
            assert len(mock_server.requests) == 40

        def test_a_subprocess_that_reads_the_url_from_its_environment(mock_server, monkeypatch):
            monkeypatch.setenv("PARTNER_API", mock_server.url)
            code = (
                "import os, urllib.request as r; "
                "r.urlopen(r.Request(os.environ['PARTNER_API'] + '/v2/internal-contacts', method='POST', "
                "headers={'Authorization': 'Bearer acme-token', 'Content-Type': 'application/json'}, "
                "data=b'{\\"email\\": \\"a\\", \\"internal_role\\": \\"csm\\"}')).close()"
            )
            subprocess.run([sys.executable, "-c", code], check=True)
            mock_server.requests.assert_requested(operation="createInternalContact", times=1)
        """,
    )

    result.assert_outcomes(passed=4)
