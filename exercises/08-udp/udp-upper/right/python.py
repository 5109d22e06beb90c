"""The same in Python: bytes.upper changes the ASCII letters only."""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((host, int(port)))
    while True:
        data, sender = server.recvfrom(65535)
        try:
            server.sendto(data.upper(), sender)
        except OSError as error:
            print(sender, error)
