# Says one line in two pieces.
import socket

server = socket.create_connection(('127.0.0.1', 2626))
server.send(b'Hel')
input('half a line is sent; press Enter\n')
server.send(b'lo!\n')
input('and the rest of it\n')
