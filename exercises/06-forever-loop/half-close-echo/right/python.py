"""The same in Python, through --command."""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        client, peer = listener.accept()
        with client:
            try:
                while data := client.recv(4096):
                    client.sendall(data)
            except OSError as error:
                print(peer, error)
