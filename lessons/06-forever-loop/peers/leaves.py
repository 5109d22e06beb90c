# A client that asks, and leaves before it has read the answer.
import socket, time

server = socket.create_connection(('127.0.0.1', 8888))
server.send(b'hello\n')
time.sleep(0.5)  # the answer comes, and nobody reads it
