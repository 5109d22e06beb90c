"""A client for remote-server, written from chapter 09's description of the frames alone.

usage: remote_client.py PORT TOKEN COMMAND...
"""
import socket
import struct
import sys


def receive_exactly(connection, count):
    parts = b""
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise EOFError("the end came inside a frame")
        parts += part
    return parts


def send_frame(connection, message):
    connection.sendall(struct.pack(">I", len(message)) + message)


def receive_frame(connection):
    (length,) = struct.unpack(">I", receive_exactly(connection, 4))
    frame = receive_exactly(connection, length)
    return frame[:1], frame[1:]


port, token, *commands = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port)), timeout=5) as connection:
    send_frame(connection, token.encode())
    tag, words = receive_frame(connection)
    if tag != b"w":
        sys.exit("refused: " + words.decode())
    print("programs:", words.decode())
    for command in commands:
        send_frame(connection, command.encode())
        out = err = b""
        while True:
            tag, data = receive_frame(connection)
            if tag == b"o":
                out += data
            elif tag == b"e":
                err += data
            else:
                break
        print(repr(command), out, err, tag.decode(), data.decode())
