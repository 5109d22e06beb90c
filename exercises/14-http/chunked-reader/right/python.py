"""The same in Python, with a file over the socket."""

import re
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
server = socket.create_connection((host, int(port)))
server.sendall(f"GET / HTTP/1.1\r\nHost: {sys.argv[1]}\r\n\r\n".encode())
answer = server.makefile("rb")


def line():
    text = answer.readline()
    if not text.endswith(b"\n"):
        sys.exit("the server closed too early")
    return text.strip()


def number(digits):
    if not re.fullmatch(rb"[0-9a-fA-F]+", digits):
        sys.exit("no size")
    return int(digits, 16)


while line():
    pass
body = b""
while size := number(line().split(b";")[0]):
    chunk = answer.read(size)
    if len(chunk) < size:
        sys.exit("the server closed in a chunk")
    body += chunk
    if line():
        sys.exit("no line end after a chunk")
while line():
    pass
sys.stdout.buffer.write(body)
