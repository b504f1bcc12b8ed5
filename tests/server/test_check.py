from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from mock_server.server.cli import main

DOCUMENT = """\
openapi: 3.0.3
info: {title: Pets, version: '2'}
paths:
  /pets:
    get:
      responses:
        '200': {description: Pets., content: {application/json: {example: [Rex], schema: {type: string}}}}
  /broken:
    get:
      parameters: [{$ref: '#/components/parameters/Nowhere'}]
      responses: {'200': {description: Never.}}
  /unsound:
    get:
      responses:
        '200': {description: Never., content: {application/json: {schema: {$ref: '#/components/schemas/Nowhere'}}}}
"""
SOUND = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {/a: {get: {responses: {'204': {description: A}}}}}\n"
WHY = "'#/components/parameters/Nowhere' leads nowhere: there is no 'components'"


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text(DOCUMENT)
    return path


def test_a_check_tells_what_is_mocked_what_is_not_and_why(document, capsys):
    assert main(["check", str(document)], {}) == 0
    told = capsys.readouterr().out

    assert told.startswith("Pets 2 (OpenAPI 3.0): 3 operations\n")
    assert "0 with a behaviour, 1 answered from examples and schemas, 2 not supported" in told
    assert f"  GET /broken\n      {WHY}\n" in told
    assert "  GET /unsound\n      The response 200" in told
    assert f"{document}:7:66 at /paths/~1pets/get/responses/200/content/application~1json/example" in told
    assert "this example does not fit its schema" in told


@pytest.mark.parametrize(("text", "code"), [(DOCUMENT, 1), (SOUND, 0)], ids=["not all of it", "all of it"])
def test_a_strict_check_says_by_its_exit_code_whether_everything_is_supported(tmp_path, text, code):
    (tmp_path / "api.yaml").write_text(text)

    assert main(["check", "--strict", str(tmp_path / "api.yaml")], {}) == code


def test_a_check_of_what_is_no_document_is_an_error(tmp_path, capsys):
    (tmp_path / "api.yaml").write_text("a: b")

    assert main(["check", str(tmp_path / "api.yaml")], {}) == 2
    assert "is not an OpenAPI document" in capsys.readouterr().err


def test_a_start_sums_up_what_is_not_supported(document, serve):
    served = serve(document)

    served.wait_for("1 of 3 operations are not supported and answer 501:")
    served.wait_for(f"  GET /broken: {WHY}")
    served.wait_for("1 mistake in the document changes nothing of what is served.")
    served.wait_for(f"`mock-server check {document}` tells them all.")


def test_an_operation_that_is_not_supported_answers_501_and_says_why(document, serve):
    answers = {path: httpx.get(f"{serve(document).url}/{path}") for path in ("broken", "unsound")}

    assert {path: answer.status_code for path, answer in answers.items()} == {"broken": 501, "unsound": 501}
    assert WHY in answers["broken"].json()["detail"]
    assert "'#/components/schemas/Nowhere' leads nowhere" in answers["unsound"].json()["detail"]


def test_the_front_page_tells_what_is_not_supported(document, serve):
    url = serve(document).url

    assert httpx.get(url).json()["unsupported"] == {"GET /broken": [WHY]}
    assert "<code>GET /broken</code>: &#x27;#/components" in httpx.get(url, headers={"Accept": "text/html"}).text


def test_explain_tells_what_is_not_supported(document, capsys):
    assert main(["explain", str(document)], {}) == 0
    assert f"is not supported: {WHY}" in capsys.readouterr().out


def test_a_strict_start_refuses_the_document(document):
    command = [sys.executable, "-m", "mock_server", "serve", "--strict", "--port", "0", str(document)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert WHY in ended.stderr
    assert "does not fit its schema" in ended.stderr
