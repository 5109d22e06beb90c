"""The same in Python, through --command: a name that is bound anew lets the old one go."""

import socket
import sys

count = int(sys.argv[1])
for _ in range(count):
    last = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("made", count, flush=True)
input()
