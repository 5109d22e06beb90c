"""Many clients: each says one word, hears it again, and then only sits there.

    python3 lessons/17-scale/peers/silent.py 10000
"""
import resource
import socket
import sys

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
count = int(sys.argv[1])
port = int(sys.argv[2]) if len(sys.argv) > 2 else 7777

clients = []
for number in range(1, count + 1):
    try:
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.sendall(b"hello")
        if client.recv(5) != b"hello":
            raise OSError("the server has closed the connection")
    except OSError as error:
        sys.exit(f"client {number}: {error}")
    clients.append(client)
print(f"{count} clients are here, and silent; press Enter", flush=True)
sys.stdin.readline()
