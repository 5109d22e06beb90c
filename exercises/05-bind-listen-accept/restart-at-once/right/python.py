"""The same in Python: create_server sets SO_REUSEADDR on Unix."""

import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
family = socket.AF_INET6 if "[" in host else socket.AF_INET
with socket.create_server((host.strip("[]"), int(port)), family=family) as listener:
    while True:
        client, _ = listener.accept()
        with client:
            try:
                client.sendall(b"Hello, client!\n")
            except OSError as error:
                print(f"this client is lost: {error}")
