# Asks, and waits for its answer.
import socket

server = socket.create_connection(('127.0.0.1', 8888))
server.send(b'does anybody hear me?\n')
print('connected, and asked')
try:
    answer = server.recv(100)
    print(answer if answer else 'the end of the stream')
except OSError as error:
    print(error)
