"""It tries again after each error, and SIGPIPE ends it without a word, as in C."""

import signal
import socket
import sys

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2])
with socket.create_connection((host.strip("[]"), int(port))) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    left = memoryview((bytes(range(251)) * (count // 251 + 1))[:count])
    while left:
        try:
            left = left[server.send(left[:16384]) :]
        except OSError:
            pass
    server.shutdown(socket.SHUT_WR)
print(f"{count} bytes sent")
