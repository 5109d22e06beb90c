"""A client that asks and asks, and does not read one answer.

    python3 lessons/17-scale/peers/deaf.py
"""
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7777
client = socket.create_connection(("127.0.0.1", port))
client.settimeout(1)
try:
    while True:
        client.send(b"x" * 65536)
except TimeoutError:
    print("for a second nothing more has been taken; press Enter", flush=True)
sys.stdin.readline()
