# A client that connects, and breaks the connection off with a reset.
import socket, struct

server = socket.create_connection(('127.0.0.1', 8888))
at_once = struct.pack('ii', 1, 0)  # on, 0 seconds: close does not end politely, it resets
server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
server.close()
