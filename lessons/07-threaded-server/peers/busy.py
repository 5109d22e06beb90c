# Talks and listens without a pause, until the server ends it.
import socket

s = socket.create_connection(('127.0.0.1', 9999))
print(s.recv(1024))
try:
    while True:
        s.sendall(b'Michael\n' * 1000)
        if s.recv(65536) == b'':
            print('the end of the stream')
            break
except OSError as error:
    print(error)
