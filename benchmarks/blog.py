"""A blog that serves one file: at /plain always, at /etag only when it has changed."""

import hashlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Blog(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = Path(sys.argv[1]).read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        known = self.path == "/etag" and self.headers.get("If-None-Match") == etag
        self.send_response(304 if known else 200)
        if self.path == "/etag":
            self.send_header("ETag", etag)
        if known:
            self.end_headers()
            return
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blog)
    print(server.server_port, flush=True)
    server.serve_forever()
