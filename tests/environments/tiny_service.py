"""A service that does as it is told: the argument after the port says how it starts, a request what it does then."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ASLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


class Handler(BaseHTTPRequestHandler):
    """Answers /ready with `status`, and does what the other paths say."""

    status = 200

    def do_GET(self) -> None:
        """Do what the path says and answer."""
        request = urlsplit(self.path)
        match request.path:
            case "/ready":
                self._answer(self.status, "")
            case "/surroundings" | "/detach":
                self._answer(200, surroundings() if request.path == "/surroundings" else str(detached(ASLEEP)))
            case "/say":
                sys.stdout.write(parse_qs(request.query)["text"][0])
                self._answer(200, "")
            case "/busy":
                be_busy(float(parse_qs(request.query)["for"][0]))
                self._answer(200, "")
            case "/exit":
                sys.stdout.write(f"the end is near\n{'.' * 200_000}\nthese are my last words\n")
                sys.stdout.flush()
                os._exit(int(parse_qs(request.query)["code"][0]))
            case "/abort":
                os.abort()
            case "/refuse":
                Handler.status = 503
                self._answer(200, "")
            case _:
                self._answer(404, "")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write each request to the log."""
        sys.stderr.write(f"{format % args}\n")


def surroundings() -> str:
    """Return where this runs, with which variables and files."""
    files = {str(path): path.read_text() for path in Path().rglob("*") if path.is_file()}
    return json.dumps({"cwd": str(Path.cwd()), "env": dict(os.environ), "files": files})


def be_busy(for_s: float) -> None:
    """Use one processor."""
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        pass


def detached(command: list[str]) -> int:
    """Start a process with a session of its own that is no descendant of this one; return its number."""
    start = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], start_new_session=True, stdout=2).pid)"
    return int(subprocess.check_output([sys.executable, "-c", start, *command]))


def behave(behaviour: str, port: int) -> None:
    """Do what is told before serving; most of it never comes to that."""
    match behaviour:
        case "exits":
            sys.exit("there is no database")
        case "is_killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "interrupts":
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(600)
        case "hides":
            sys.stdout.write(f"hidden as {detached([sys.executable, __file__, str(port), 'serves'])}\n")
            time.sleep(600)
        case "never_ready":
            Handler.status = 503
        case "uncaught":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)


def main() -> None:
    """Serve at the port that is told, after behaving as told; listen at a further port if one is named."""
    port, behaviour = int(sys.argv[1]), sys.argv[2]
    sys.stdout.write(f"tiny service {behaviour} on {port}\n")
    behave(behaviour, port)
    further = [socket.create_server(("127.0.0.1", int(number))) for number in sys.argv[3:]]
    sys.stdout.write(f"{len(further)} further ports\n")
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
