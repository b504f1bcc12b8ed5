"""What a target sends of itself comes in at an address of this machine."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial

import httpx

from contract_tests.transport.inbox import SETTLING, SocketInbox


def test_messages_to_others_are_not_taken_for_those_that_are_waited_for():
    with closing(SocketInbox()) as inbox, httpx.Client() as client:
        for _ in range(3):
            client.post(f"{inbox.url}/earlier/s1", content=b"theirs")
        send = partial(client.post, f"{inbox.url}/mine/s1", content=b"ours")
        late = threading.Timer(2 * SETTLING, send)
        late.start()
        arrived = inbox.collect(1, "/mine/")
        late.join()

    assert [(one.path, one.body) for one in arrived] == [("/mine/s1", b"ours")]
