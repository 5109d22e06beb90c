"""An answer to half-close-echo with a mistake: it takes bytes for text."""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        client, _ = listener.accept()
        while data := client.recv(4096):
            text = data.decode(errors="replace")
            client.sendall(text.encode())
        client.close()
