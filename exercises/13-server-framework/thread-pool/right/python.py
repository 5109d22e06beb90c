"""The same in Python, through --command: its own pool."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def serve(client):
    with client, client.makefile("rb") as lines:
        try:
            for line in lines:
                client.sendall(b"OK... " + line)
        except OSError as error:
            print(error)


host, port = sys.argv[1].split(":")
with (
    socket.create_server((host, int(port))) as listener,
    ThreadPoolExecutor(int(sys.argv[2])) as pool,
):
    while True:
        client, _ = listener.accept()
        pool.submit(serve, client)
