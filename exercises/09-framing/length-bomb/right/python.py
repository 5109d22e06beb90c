"""The same in Python, with a recvall, and a thread for each client."""

import socket
import struct
import sys
import threading

LIMIT = 65_536


def recvall(client, count):
    """Exactly this many bytes, or none when the stream ends before."""
    parts = []
    while count > 0:
        part = client.recv(min(count, 4096))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def say(client, words):
    client.sendall(struct.pack(">I", len(words)) + words)


def serve(client):
    with client:
        while head := recvall(client, 4):
            (length,) = struct.unpack(">I", head)
            if length > LIMIT:
                say(client, b"error: too long")
                client.shutdown(socket.SHUT_WR)
                while client.recv(4096):
                    pass
                return
            if recvall(client, length) is None:
                return
            say(client, b"%d bytes" % length)


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
