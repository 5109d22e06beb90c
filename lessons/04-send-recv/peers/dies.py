# A web server that promises 1000 bytes, and dies after the first few.
import socket

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
client, _ = listener.accept()
client.recv(4096)
client.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\nThe first words')
