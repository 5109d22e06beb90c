"""The same in Python, through --command."""

import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2])
rest = memoryview((bytes(range(251)) * (count // 251 + 1))[:count])
with socket.create_connection((host.strip("[]"), int(port))) as peer:
    while rest:
        rest = rest[peer.send(rest) :]
    peer.shutdown(socket.SHUT_WR)
print(count, "bytes sent")
