# The server of this lesson; its first answer takes a second and a half.
import socket, time

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 9000))
print('the first answer is slow', flush=True)
data, sender = server.recvfrom(65535)
time.sleep(1.5)
server.sendto(data.upper(), sender)
while True:
    data, sender = server.recvfrom(65535)
    server.sendto(data.upper(), sender)
