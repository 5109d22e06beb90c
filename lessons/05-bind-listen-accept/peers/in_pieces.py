# A server for one client. Its answer comes in two pieces.
import socket, time

listener = socket.create_server(('127.0.0.1', 8888))
print('listening', flush=True)
client, peer = listener.accept()
client.recv(100)
client.send(b'Hello, ')
time.sleep(0.5)
client.send(b'client!\n')
client.close()
