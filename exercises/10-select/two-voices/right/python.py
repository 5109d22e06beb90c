"""Python's select, with sockets that keep their beginnings of lines."""

import select
import socket
import sys

peers = {}
for name in (1, 2):
    host, port = sys.argv[name].rsplit(":", 1)
    peers[socket.create_connection((host, int(port)))] = (name, bytearray())

while peers:
    for peer in select.select(list(peers), [], [])[0]:
        name, line = peers[peer]
        try:
            piece = peer.recv(4096)
        except ConnectionError:
            piece = b""
        line += piece
        if not piece:
            del peers[peer]
            if line:
                line += b"\n"
        *whole, rest = line.split(b"\n")
        for one in whole:
            sys.stdout.buffer.write(b"%d: %s\n" % (name, one))
        sys.stdout.buffer.flush()
        line[:] = rest
