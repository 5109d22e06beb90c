"""An answer to threaded-names with a mistake: a name has at most 2 MiB."""

import socket, sys, threading
def talk(c):
    with c:
        try:
            c.sendall(b"Welcome!\n")
            f = c.makefile("rb")
            while line := f.readline(2 << 20):
                if not line.endswith(b"\n"):
                    return
                name = line[:-2] if line.endswith(b"\r\n") else line[:-1]
                if name == b"exit":
                    return
                c.sendall(b"Hello, " + name + b"!\n")
        except OSError:
            pass
        finally:
            f = None
host, _, port = sys.argv[1].rpartition(":")
with socket.create_server((host, int(port)), backlog=200) as s:
    while True:
        c, _ = s.accept()
        threading.Thread(target=talk, args=(c,), daemon=True).start()
