# Says so many megabytes, in lines of 4,000 bytes.
import socket, sys

server = socket.create_connection(('127.0.0.1', 2626))
for _ in range(250 * int(sys.argv[1])):
    server.sendall(b'x' * 3999 + b'\n')
server.shutdown(socket.SHUT_WR)
while server.recv(65536):  # until the server has read it all, and closes
    pass
print('all is said')
