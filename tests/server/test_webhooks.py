"""Webhooks and callbacks: sent after the answer, signed, tried again, remembered, and sent nowhere else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import httpx
import pytest
import yaml
from places import DOCUMENTS

import mock_server
from mock_server.contract.behaviours.webhooks import SignatureForm
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract
from mock_server.engine.outgoing import Outgoing
from mock_server.exchange.signing import is_signed, signed_headers
from mock_server.server.posting import Forbidden, NotSent, post
from mock_server.server.webhooks import MOST_WAITING
from mock_server.testing.server import Server

HOOKS = DOCUMENTS / "hooks.yaml"
SEED = {"organizations": {"home": {"tokens": ["home-token"]}, "away": {"tokens": ["away-token"]}}}
SECRET = "whsec_" + base64.b64encode(b"sixteen bytes at least").decode()


@pytest.fixture
def hooks() -> Iterator[Server]:
    with mock_server.running(HOOKS, seed=SEED) as server:
        yield server


def made(server: Server, path: str, token: str = "home-token", **body: object) -> dict[str, str]:
    reply = server.client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
    assert reply.is_success, reply.text
    return dict(reply.json())


def completed(server: Server) -> dict[str, str]:
    task = made(server, "/tasks", title="Paint")
    return dict(server.client.post(f"/tasks/{task['id']}/done").json())


def admin(server: Server, method: str, path: str = "/webhooks") -> httpx.Response:
    return server.client.request(method, f"/__admin{path}")


def test_each_subscriber_of_the_organization_that_fits_gets_the_message_once(hooks):
    made(hooks, "/hooks", url=f"{hooks.webhooks.url}/one?x=1", secret=SECRET)
    made(hooks, "/hooks", url=f"{hooks.webhooks.url}/two")
    made(hooks, "/hooks", url=f"{hooks.webhooks.url}/other-event", event="task.made")
    made(hooks, "/hooks", token="away-token", url=f"{hooks.webhooks.url}/other-organization")

    task = completed(hooks)
    hooks.webhooks.wait_for("taskDone", count=2)

    received = {one.path: one for one in hooks.webhooks.received}
    assert received.keys() == {"/one?x=1", "/two"}
    assert all(one.json == {"type": "task.done", "data": task} for one in received.values())
    assert (received["/one?x=1"].verified, received["/two"].verified) == (True, None)


def test_a_callback_goes_where_the_request_says(hooks):
    report = made(hooks, "/reports", back=hooks.webhooks.url)

    assert hooks.webhooks.wait_for("reported").path == "/ready"
    assert hooks.webhooks.received[0].json == report
    made(hooks, "/reports")
    assert len(hooks.webhooks.deliveries) == 1


def test_nothing_is_sent_of_what_is_refused(hooks):
    made(hooks, "/hooks", url=hooks.webhooks.url)

    assert hooks.client.post("/tasks/none/done").status_code == 404
    assert hooks.webhooks.deliveries == []


def test_a_message_that_nobody_takes_is_sent_again(hooks):
    hooks.webhooks.answer_with(500)
    made(hooks, "/hooks", url=hooks.webhooks.url, secret=SECRET)

    completed(hooks)
    hooks.webhooks.wait_for(count=2)

    first, second = hooks.webhooks.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_the_control_api_tells_what_was_sent_and_sends_it_again(hooks):
    made(hooks, "/hooks", url=hooks.webhooks.url, secret=SECRET)
    completed(hooks)
    hooks.webhooks.wait_for()
    settled(hooks)

    told = admin(hooks, "GET").json()
    (delivery,) = told["webhooks"]
    assert (told["count"], delivery["state"], delivery["attempts"][0]["status"]) == (1, "delivered", 204)
    assert (delivery["event"], delivery["organization"], delivery["signed"]) == ("taskDone", "home", True)
    assert delivery["body"]["json"]["type"] == "task.done"
    assert SECRET not in json.dumps(told)

    assert admin(hooks, "POST", f"/webhooks/{delivery['id']}/redeliver").status_code == 202
    assert hooks.webhooks.wait_for(count=2).headers["webhook-id"] == delivery["id"]
    settled(hooks)
    assert admin(hooks, "POST", "/webhooks/none/redeliver").status_code == 404
    assert admin(hooks, "GET", "/webhooks?event=taskGone").json()["count"] == 0
    assert admin(hooks, "DELETE").status_code == 204
    assert admin(hooks, "GET").json() == {"count": 0, "webhooks": []}


def settled(server: Server) -> None:
    """Wait until nothing is on its way."""
    for _ in range(10_000):
        if all(one.state != "pending" for one in server.webhooks.deliveries):
            return
        admin(server, "GET", "/health")
    raise AssertionError(server.webhooks.deliveries)


def test_what_does_not_fit_its_schema_is_not_sent_and_says_why(tmp_path):
    document = yaml.safe_load(HOOKS.read_text())
    schema = document["webhooks"]["taskGone"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["id"]["maxLength"] = 3
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(document))

    with mock_server.running(tmp_path / "api.yaml", seed=SEED) as server:
        made(server, "/hooks", url=server.webhooks.url)
        task = made(server, "/tasks", title="Paint")
        assert server.client.delete(f"/tasks/{task['id']}").status_code == 204
        settled(server)

        (delivery,) = server.webhooks.deliveries
        assert (delivery.state, delivery.attempts) == ("refused", [])
        assert "does not fit its schema" in delivery.problem
        assert admin(server, "POST", f"/webhooks/{delivery.id}/redeliver").status_code == 409


def test_a_message_to_another_machine_is_not_sent(hooks):
    made(hooks, "/hooks", url="http://192.0.2.1:9/hook")
    completed(hooks)
    settled(hooks)

    (delivery,) = hooks.webhooks.deliveries
    assert delivery.state == "refused"
    assert "--allow-webhooks 192.0.2.1" in delivery.problem
    assert len(delivery.attempts) == 1


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "http://10.0.0.1/", "http://[2001:db8::1]/", "mailto:x"])
def test_only_this_machine_is_reached(url):
    with pytest.raises(Forbidden):
        asyncio.run(post("POST", url, {}, b"", allowed=(), seconds=5))


def test_a_receiver_that_says_nothing_is_not_waited_for():
    async def posted() -> None:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotSent, match=r"no answer within 0\.05 s"):
            await post("POST", f"http://127.0.0.1:{port}/", {}, b"{}", allowed=(), seconds=0.05)
        server.close()

    asyncio.run(posted())


def test_a_redirect_is_not_followed(hooks):
    hooks.webhooks.answer_with(307, 307)
    made(hooks, "/hooks", url=hooks.webhooks.url)
    completed(hooks)
    hooks.webhooks.wait_for(count=2)
    settled(hooks)

    assert [attempt.status for attempt in hooks.webhooks.deliveries[0].attempts] == [307, 307]
    assert hooks.webhooks.deliveries[0].state == "failed"


def test_more_messages_than_may_wait_are_told_as_not_sent(hooks):
    message = Outgoing("x", "POST", "http://127.0.0.1:1/", {}, None, None)
    webhooks = hooks._mock.webhooks

    webhooks.send([message] * (MOST_WAITING * 2))

    assert any("on their way" in one.problem for one in webhooks.deliveries())
    webhooks.clear()
    assert webhooks.deliveries() == []


def test_a_message_is_told_of_as_soon_as_it_waits(hooks):
    told: list[str] = []
    webhooks = hooks._mock.webhooks
    webhooks.told = lambda delivery: told.append(delivery.state)

    webhooks.send([Outgoing("x", "POST", hooks.webhooks.url, {}, None, None)])

    assert told[0] == "pending"
    settled(hooks)
    told.clear()
    webhooks.again(webhooks.deliveries()[0])
    assert "pending" in told


def test_a_standard_signature_is_what_the_standard_says():
    signature = SignatureForm("webhook-signature", "hmac-sha256", "standard-webhooks", "{id}.{timestamp}.{body}")
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = signed_headers(
        signature, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b"{}"
    )

    digest = hmac.digest(key, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{}", "sha256")
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (SignatureForm("X-Hub-SignatureForm-256", "hmac-sha256", "sha256={hex}", "{body}"), ("sha256=", b"{}")),
        (
            SignatureForm("Stripe-SignatureForm", "hmac-sha256", "t={timestamp},v1={hex}", "{timestamp}.{body}"),
            ("t=7,v1=", b"7.{}"),
        ),
    ],
)
def test_a_header_of_ones_own_is_signed_as_it_says(signature, expected):
    before, content = expected

    headers = signed_headers(signature, "key", "id", 7, b"{}")

    assert headers == {signature.header: before + hmac.new(b"key", content, hashlib.sha256).hexdigest()}
    lower = {name.lower(): value for name, value in headers.items()}
    assert is_signed(signature, "key", lower, b"{}")
    assert not is_signed(signature, "other", lower, b"{}")
    assert not is_signed(signature, "key", lower, b"[]")
    assert not is_signed(signature, "key", {}, b"{}")


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("send",), "taskDnoe", "no callback and no webhook is named 'taskDnoe'"),
        (("to",), "Hok", "'Hok' is not a resource"),
        (("where",), {"evnt": "x"}, "Hook has no field 'evnt'"),
        (("where",), {"event": "other"}, "is never 'other'"),
        (("url",), "$this.address", "Hook has no field 'address'"),
        (("body",), {"type": "task.done"}, "'data' is required"),
        (("body",), {"type": 5, "data": "$task"}, "never fits the schema of 'taskDone'"),
        (("to",), None, "nothing says where the message goes"),
    ],
)
def test_a_message_that_leads_nowhere_is_a_flaw(tmp_path, place, value, told):
    document = yaml.safe_load(HOOKS.read_text())
    step = document["paths"]["/tasks/{id}/done"]["post"]["x-behaviour"][1]
    if value is None:
        del step["to"], step["where"]
    else:
        step[place[0]] = value

    assert told in flaws(tmp_path, document)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"signature": "standard", "secret": "x"}, "'standard' is not a form of signatures"),
        ({"signature": "standard-webhooks"}, "'secret' is missing"),
        ({"secret": "x"}, "'signature' is missing"),
        ({"retries": ["soon"]}, "'soon' is not a span of time"),
        ({"signature": {"header": "X-S", "format": "v1"}, "secret": "x"}, "the signature would not be in it"),
        ({"signature": {"header": "X-S", "signed": "{timestamp}"}, "secret": "x"}, "the body would not be signed"),
        ({"signature": {"header": "X S"}, "secret": "x"}, "has to be like"),
        ({"signature": "standard-webhooks", "secret": "$this.key"}, "Hook has no field 'key'"),
        ({"retry": []}, "'retry' is not known here"),
    ],
)
def test_rules_of_sending_that_cannot_be_kept_are_flaws(tmp_path, rules, told):
    document = yaml.safe_load(HOOKS.read_text())
    document["x-webhook-delivery"] = rules

    assert told in flaws(tmp_path, document)


def flaws(folder, document) -> str:
    (folder / "api.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(FlawedInput) as raised:
        load_contract(folder / "api.yaml")
    return str(raised.value)


def test_a_name_of_another_machine_is_not_even_looked_up(hooks):
    made(hooks, "/hooks", url="https://hooks.example.com/x")
    made(hooks, "/hooks", url=hooks.webhooks.url.replace("127.0.0.1", "localhost"))
    completed(hooks)
    hooks.webhooks.wait_for("taskDone")
    settled(hooks)

    elsewhere, here = hooks.webhooks.deliveries
    assert (elsewhere.state, here.state) == ("refused", "delivered")
    assert "--allow-webhooks hooks.example.com" in elsewhere.problem
