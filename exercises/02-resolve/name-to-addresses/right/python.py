"""The same in Python, through --command: getaddrinfo, and a set against duplicates."""

import socket
import sys

host, _, port = sys.argv[1].rpartition(":")
if not 0 <= int(port) <= 65535:
    sys.exit("no such port")
try:
    found = socket.getaddrinfo(host.strip("[]"), port)
except socket.gaierror as error:
    sys.exit(f"{host}: {error}")
for address in {entry[4] for entry in found}:
    print(f"[{address[0]}]:{port}" if ":" in address[0] else f"{address[0]}:{port}")
