"""An answer to half-close-echo with a mistake: it gives a client up that is silent for a second."""

import socket, sys
host, _, port = sys.argv[1].rpartition(":")
with socket.create_server((host, int(port))) as s:
    while True:
        c, _ = s.accept()
        with c:
            c.settimeout(1)
            try:
                while data := c.recv(70000):
                    c.sendall(data)
            except OSError:
                pass
