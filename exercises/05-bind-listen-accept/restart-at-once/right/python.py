"""The same in Python: create_server sets SO_REUSEADDR on Unix."""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        client, _ = listener.accept()
        with client:
            client.sendall(b"Hello, client!\n")
