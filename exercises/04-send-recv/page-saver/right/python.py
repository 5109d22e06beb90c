"""The same in Python, through --command."""

import re
import socket
import sys

host, path, name = sys.argv[1:]
with socket.create_connection(tuple(host.split(":"))) as server:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", "", ""]
    server.sendall("\r\n".join(lines).encode())
    answer = b""
    while data := server.recv(4096):
        answer += data
header, blank, body = answer.partition(b"\r\n\r\n")
if not blank:
    sys.exit("no blank line")
length = re.search(rb"(?im)^content-length:\s*(\d+)", header)
if length:
    if len(body) < int(length[1]):
        sys.exit("the page is too short")
    body = body[: int(length[1])]
with open(name, "wb") as file:
    file.write(body)
