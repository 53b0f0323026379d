"""`python -m djust demo`: prepares the demo's database, serves the demo, and prints its address."""

import argparse
import errno
import io
import os
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

# The largest message of the protocol; the server then never reads more than this into memory.
MESSAGE_LIMIT = 65_536
# How long a stopping server waits for requests that are under way, in seconds.
PATIENCE = 3


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status: 0, or 1 after a message on standard error."""
    options = parser().parse_args(arguments)
    try:
        return demo(options.host, options.port, options.db)
    except Unable as reason:
        print(f"djust: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # Ctrl-C before the server was there to take it.
        return 0


class Unable(Exception):
    """The command cannot run; the text says what to do about it."""


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m djust", description="Live Django pages.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = commands.add_parser("demo", help="serve the demo site")
    command.add_argument(
        "--port", type=port_number, default=8000, help="default: 8000; 0 takes a free one"
    )
    command.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    command.add_argument(
        "--db", metavar="PATH", help="the SQLite file; default: one in your data folder"
    )
    return parser


def port_number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def demo(host: str, port: int, database: str | None) -> int:
    """Serves the demo until Ctrl-C or SIGTERM. Raises `Unable` when it cannot start."""
    for package in ("uvicorn", "websockets"):
        if not find_spec(package):
            raise Unable(
                f"the demo needs {package}. Install it with: pip install 'djust-wasm[demo]'"
            )
    # The port comes first: when it is taken, nothing else has happened yet.
    listener = listen(host, port)
    with listener:
        prepare(host, database)
        serve(listener, address(host, listener.getsockname()[1]))
    return 0


def listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            problem = "is taken" if error.errno == errno.EADDRINUSE else "needs more rights"
            other = 8000 if port != 8000 else 8001
            raise Unable(
                f"port {port} {problem}. Take another one with: python -m djust demo --port {other}"
            ) from error
        raise Unable(
            f"cannot listen on {host} ({error.strerror}). Leave --host away to serve this machine."
        ) from error


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the site."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"


def prepare(host: str, database: str | None) -> None:
    """Sets Django up, brings the database up to date, and fills it if it is empty."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "djust.demo.settings"
    os.environ["DJUST_DEMO_HOST"] = host
    if database:
        os.environ["DJUST_DEMO_DB"] = str(Path(database).expanduser().resolve())

    import django
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError

    try:
        file = settings.DATABASE
        file.parent.mkdir(parents=True, exist_ok=True)
        django.setup()
        call_command("check", stdout=io.StringIO())
        print(f"Preparing {file}", flush=True)
        call_command("migrate", verbosity=0, interactive=False)

        from djust.demo import sample

        sample.load()
    except CommandError as error:  # A system check; its text names the fix.
        raise Unable(str(error)) from error
    except (OSError, DatabaseError) as error:
        raise Unable(
            f"cannot use the database: {error}. Choose a file that can be written to with: "
            "python -m djust demo --db PATH"
        ) from error


def serve(listener: socket.socket, address: str) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            if self.started:
                print(f"djust demo: {address}", flush=True)

    # uvicorn stops in good order at the first signal, then raises the signal once more for the
    # handler that was there before it: this one, which makes it a plain end.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: None)
    config = uvicorn.Config(
        "djust.demo.asgi:application",
        log_level="warning",
        lifespan="off",
        ws_max_size=MESSAGE_LIMIT,
        timeout_graceful_shutdown=PATIENCE,
    )
    Server(config).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
