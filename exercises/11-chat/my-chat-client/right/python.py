"""select on the two descriptors, and os.read, which has no buffer."""

import os
import select
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
server = socket.create_connection((host, int(port)))
watched = [server, 0]
while True:
    ready = select.select(watched, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 4096)
        server.sendall(typed)
        if not typed:
            watched.remove(0)
            server.shutdown(socket.SHUT_WR)
    if server in ready:
        try:
            said = server.recv(4096)
        except ConnectionError as error:
            sys.exit(f"the server is lost: {error}")
        if not said:
            sys.exit("the server has gone" if 0 in watched else 0)
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
