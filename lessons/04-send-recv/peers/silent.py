# A server that accepts, and never says a word.
import socket, time

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
client, _ = listener.accept()
time.sleep(3600)
