"""The same in Python, through --command: create_connection tries all addresses."""

import socket
import sys

host, _, port = sys.argv[1].rpartition(":")
with socket.create_connection((host.strip("[]"), int(port)), timeout=0.2) as server:
    address = server.getpeername()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    print(f"connected to {host}:{address[1]}")
