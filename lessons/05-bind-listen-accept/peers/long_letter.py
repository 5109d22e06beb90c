# A client with much to say: 10,000,000 bytes. Then it reads the answer.
import socket

server = socket.create_connection(('127.0.0.1', 8888))
try:
    server.sendall(b'Hello, server! ' * 666_666)
    print(server.recv(100))
except OSError as error:
    print(error)
