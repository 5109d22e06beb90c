# Listens on 127.0.0.1 with the shortest queue there is, fills it, and accepts nobody.
import socket, sys

server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=0)
waiting = socket.create_connection(server.getsockname())
print("the queue of port", server.getsockname()[1], "is full; Enter ends it", flush=True)
sys.stdin.readline()
