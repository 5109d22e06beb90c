# Joins the chat, and does not read any more, until you press Enter.
import socket

server = socket.create_connection(('127.0.0.1', 2626))
print(server.makefile().readline().strip())
input('I do not read; press Enter to wake me\n')
while server.recv(65536):
    pass
print('the server has closed')
