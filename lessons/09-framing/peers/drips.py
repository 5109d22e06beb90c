import socket
import time

s = socket.create_connection(('127.0.0.1', 9000))
begin = time.monotonic()
try:
    for byte in b'\0\0\0\x07Michael':
        time.sleep(0.6)
        s.send(bytes([byte]))
    print(s.recv(100))
except OSError as error:
    print(error)
print('after %.0f s' % (time.monotonic() - begin))
