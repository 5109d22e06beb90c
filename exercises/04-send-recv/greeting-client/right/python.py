"""The same in Python, through --command."""

import socket
import sys

host, port = sys.argv[1].split(":")
name = sys.argv[2]
if "\n" in name or "\r" in name:
    sys.exit("a name is one line")
with socket.create_connection((host, int(port))) as server:
    server.sendall(f"{name}\n".encode())
    line = server.makefile("rb").readline()
if not line.endswith(b"\n"):
    sys.exit("the server gave no whole answer")
sys.stdout.buffer.write(line)
