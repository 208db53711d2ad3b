"""A service for a container: says a (synthetic) CPR number, tells its public URL, and ends or hangs when asked to."""

import os
import signal
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Tiny(BaseHTTPRequestHandler):
    """Answers every path with the public URL, except /exit/CODE and /hang."""

    def do_GET(self) -> None:
        """Do what the path says."""
        if self.path.startswith("/exit/"):
            os.write(1, b"giving up\n")
            os._exit(int(self.path.removeprefix("/exit/")))
        if self.path == "/hang":
            time.sleep(600)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["PUBLIC_URL"].encode())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(0))
    os.write(1, b"admitted 010203-1234\n")
    HTTPServer(("0.0.0.0", 8090), Tiny).serve_forever()  # noqa: S104 - inside a container
