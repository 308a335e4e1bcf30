"""Three providers on a port of this machine: one that knows a call again, one that can be searched,
one that remembers nothing. They live on when a sender dies.
"""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

REPLAYS, SEARCHED, FORGETS = "resend", "postmark", "ses"


class Mail:
    """What was taken, by everybody's send key: each entry is a letter that went out."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.answers: dict[str, bytes] = {}
        self.batches: dict[str, list[str]] = {}
        self.lock = threading.Lock()

    def clear(self) -> None:
        with self.lock:
            self.taken.clear()
            self.answers.clear()
            self.batches.clear()


class Handler(BaseHTTPRequestHandler):
    """Takes a batch in a moment that is long enough to die in, and answers after another."""

    protocol_version = "HTTP/1.1"
    mail: ClassVar[Mail]
    slowness: ClassVar[float] = 0.002

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = urlsplit(self.path).path
        if path.startswith("/templates"):
            self._say(422, {"ErrorCode": 1, "Message": "no templates here"})
            return
        time.sleep(self.slowness)
        with self.mail.lock:
            answer = self._take(path, body)
        time.sleep(self.slowness)
        self._say(200, answer)

    def _take(self, path: str, body: bytes) -> Any:
        made = json.loads(body)
        if path == "/emails/batch":
            return self._replay(self.headers["Idempotency-Key"], made)
        if path == "/email/batch":
            return self._keep(made)
        keys = [
            _key(entry["ReplacementTags"], "Name", "Value") for entry in made["BulkEmailEntries"]
        ]
        self.mail.taken.update(keys)
        results = [{"Status": "SUCCESS", "MessageId": key} for key in keys]
        return {"BulkEmailEntryResults": results}

    def _replay(self, name: str, made: list[dict[str, Any]]) -> Any:
        if name not in self.mail.answers:
            keys = [_key(message["tags"], "name", "value") for message in made]
            self.mail.taken.update(keys)
            self.mail.answers[name] = json.dumps({"data": [{"id": key} for key in keys]}).encode()
        return json.loads(self.mail.answers[name])

    def _keep(self, made: list[dict[str, Any]]) -> Any:
        for message in made:
            told = message["Metadata"]
            self.mail.taken[told["send_key"]] += 1
            self.mail.batches.setdefault(told["batch"], []).append(told["send_key"])
        return [{"ErrorCode": 0, "MessageID": m["Metadata"]["send_key"]} for m in made]

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        with self.mail.lock:
            keys = self.mail.batches.get(asked["metadata_batch"][0], [])
        page = keys[int(asked["offset"][0]) :][:500]
        found = [{"MessageID": key, "Metadata": {"send_key": key}} for key in page]
        self._say(200, {"Messages": found})

    def _say(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # who asked is dead
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _key(tags: list[dict[str, str]], name: str, value: str) -> str:
    found = {tag[name]: tag[value] for tag in tags}
    return f"{found['mailing']}.{found['reader']}"


class Providers(ThreadingHTTPServer):
    """All three behind one port."""

    daemon_threads = True

    def __init__(self, mail: Mail) -> None:
        handler = type("WithMail", (Handler,), {"mail": mail})
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """A sender that died in the middle of a request is what this is about."""
