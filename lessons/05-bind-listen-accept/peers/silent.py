# A server that accepts one client, and says nothing for 5 seconds.
import socket, time

listener = socket.create_server(('127.0.0.1', 8888))
print('listening', flush=True)
client, peer = listener.accept()
time.sleep(5)
