"""The same in Python, with one deadline for each try."""

import socket
import sys
import time

host, port = sys.argv[1].split(":")
text = sys.argv[2].encode()
wait = int(sys.argv[3]) / 1000
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.connect((host, int(port)))
    for _ in range(5):
        try:
            client.send(text)
        except ConnectionRefusedError:
            pass  # nobody had the port
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            client.settimeout(left)
            try:
                answer = client.recv(65535)
            except TimeoutError:
                break
            except ConnectionRefusedError:
                continue  # the time is not up
            if answer == text.upper():
                sys.stdout.buffer.write(answer + b"\n")
                sys.exit(0)
sys.exit("no answer")
