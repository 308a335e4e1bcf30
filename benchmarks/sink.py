"""A stand-in for Postmark that does as little as it can: counts the messages and answers.

It runs in a process of its own, so that what is measured is the sender.
"""

import socket
import sys

COUNTED = b'"To":"'


def answer(count: int) -> bytes:
    item = b'{"ErrorCode":0,"Message":"OK","MessageID":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}'
    body = b"[" + b",".join([item] * count) + b"]"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def read_request(connection: socket.socket, buffer: memoryview) -> int | None:
    """Read one request; give the number of messages in it, or None at the end."""
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        head += chunk
    headers, _, start = head.partition(b"\r\n\r\n")
    lines = [line for line in headers.split(b"\r\n") if line.lower().startswith(b"content-length")]
    left = int(lines[0].split(b":")[1]) - len(start)
    count, tail = start.count(COUNTED), start[-len(COUNTED) :]
    while left > 0:
        size = connection.recv_into(buffer, min(left, len(buffer)))
        chunk = bytes(buffer[:size])
        # A word cut in two by the end of a chunk is counted where the pieces meet.
        count += chunk.count(COUNTED) + (tail[1 - len(COUNTED) :] + chunk[:5]).count(COUNTED)
        tail = chunk[-len(COUNTED) :]
        left -= size
    return count


def main() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    buffer = memoryview(bytearray(1 << 20))
    total = 0
    connection, _ = server.accept()
    with connection:
        while (count := read_request(connection, buffer)) is not None:
            total += count
            connection.sendall(answer(count))
    print(total, flush=True)


if __name__ == "__main__":
    sys.exit(main())
