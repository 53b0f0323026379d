"""A page's end of a socket of an ASGI application, without a server.

Channels has the same, but its test package cannot be imported without the server daphne.
"""

from asgiref.testing import ApplicationCommunicator

# Seconds; a machine that does much else is slow.
PATIENCE = 30


class Socket(ApplicationCommunicator):
    """Opens a WebSocket at a path; headers are pairs of bytes."""

    def __init__(self, application, path, headers):
        super().__init__(
            application,
            {
                "type": "websocket",
                "path": path,
                "query_string": b"",
                "headers": headers,
                "subprotocols": [],
                "client": ["127.0.0.1", 50_000],
            },
        )

    async def connect(self):
        """Whether the application accepts the socket."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(PATIENCE))["type"] == "websocket.accept"

    async def send(self, data):
        kind = "text" if isinstance(data, str) else "bytes"
        await self.send_input({"type": "websocket.receive", kind: data})

    async def receive(self, timeout=PATIENCE):
        """The next message of the server."""
        output = await self.receive_output(timeout)
        assert output["type"] == "websocket.send", output
        return output["bytes"]

    async def closed(self, timeout=PATIENCE):
        """The code with which the server closes, after whatever it still sends."""
        while (output := await self.receive_output(timeout))["type"] != "websocket.close":
            pass
        return output["code"]

    async def close(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(PATIENCE)
