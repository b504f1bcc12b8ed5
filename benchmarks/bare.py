"""The least that uvicorn can do: read the body, send a fixed answer. What it takes is what no mock on uvicorn can save.

Usage: python bare.py PORT BYTES [log], where `log` makes it write a line for each request, as uvicorn does by default.
"""

import socket
import sys

import uvicorn
import uvloop

PORT, SIZE, LOGS = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["log"]
BODY = b'"%s"' % (b"x" * (SIZE - 2))
HEADERS = [(b"content-length", b"%d" % SIZE), (b"content-type", b"application/json")]


async def application(scope, receive, send):
    """Answer any request with the same text."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", PORT), backlog=2048)
    config = uvicorn.Config(application, http="httptools", ws="none", lifespan="off", server_header=False, access_log=LOGS)
    uvloop.run(uvicorn.Server(config).serve(sockets=[listener]))
