import socket
import struct

s = socket.create_connection(("127.0.0.1", 2525))
s.sendall(b"hello")
print(s.recv(100))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()  # with this option the close is a reset (lesson 12)
