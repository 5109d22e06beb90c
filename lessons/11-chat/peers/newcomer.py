# Joins the chat, and prints how long it took until it was welcome.
import socket, time

server = socket.create_connection(('127.0.0.1', 2626))
print('connected')
start = time.time()
print(server.makefile().readline().strip())
print(f'{time.time() - start:.3f} s')
