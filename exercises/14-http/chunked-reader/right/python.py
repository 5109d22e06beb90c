"""The same in Python, with a file over the socket."""

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


while line():
    pass
body = b""
while size := int(line().split(b";")[0], 16):
    chunk = answer.read(size)
    if len(chunk) < size:
        sys.exit("the server closed in a chunk")
    body += chunk
    line()
while line():
    pass
sys.stdout.buffer.write(body)
