# A server that reads until recv returns 0, and only then answers.
import socket

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
client, _ = listener.accept()
request = b''
while data := client.recv(4096):
    request += data
client.sendall(b'HTTP/1.0 200 OK\r\n\r\nYou sent %d bytes.\n' % len(request))
