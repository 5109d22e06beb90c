# The server of this lesson, on a bad network: every third datagram is lost.
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 9000))
print('every third datagram is lost', flush=True)
count = 0
while True:
    data, sender = server.recvfrom(65535)
    count += 1
    if count % 3 != 0:
        server.sendto(data.upper(), sender)
