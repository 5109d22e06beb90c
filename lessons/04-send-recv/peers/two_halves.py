# A web server that sends its page in two pieces. An é is two bytes, and the cut is between.
import socket, time

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
client, _ = listener.accept()
client.recv(4096)
page = 'A café in Orléans.\n'.encode()
client.sendall(b'HTTP/1.0 200 OK\r\n\r\n' + page[:6])
time.sleep(1)
client.sendall(page[6:])
