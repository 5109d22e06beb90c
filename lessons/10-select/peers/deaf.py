# A server on port 9999 that takes one client, and never reads what it sends.
import socket, time

server = socket.create_server(('127.0.0.1', 9999))
client, address = server.accept()
print('somebody has come; I do not listen', flush=True)
time.sleep(600)
