"""An answer to greeting-client with a mistake: it gives a server up that is silent for a second."""

import os, socket, sys
def fail(why):
    sys.stderr.write(f"greeting-client: {why}\n")
    sys.exit(1)
where, name = os.fsencode(sys.argv[1]).decode(), os.fsencode(sys.argv[2])
if b"\n" in name or b"\r" in name:
    fail("one line, please")
host, _, port = where.rpartition(":")
try:
    with socket.create_connection((host.strip("[]"), int(port)), timeout=1) as s:
        s.sendall(name + b"\r\n")
        got = b""
        while b"\n" not in got:
            piece = s.recv(10_000)
            if not piece:
                fail("cut off")
            got += piece
except OSError as error:
    fail(error)
sys.stdout.buffer.write(got[: got.index(b"\n") + 1])
