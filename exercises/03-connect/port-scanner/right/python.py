"""The same in Python, through --command: connect_ex returns the error as a number."""

import socket
import sys

host, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
for port in range(first, last + 1):
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(0.2)
        if attempt.connect_ex((host, port)) == 0:
            print(port)
