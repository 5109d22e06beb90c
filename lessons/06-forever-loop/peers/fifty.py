# Asks fifty questions on one connection, each after the answer to the last.
import socket, time

server = socket.create_connection(('127.0.0.1', 8888))
answers, start = server.makefile(), time.time()
for _ in range(50):
    server.send(b'hello\n')
    answers.readline()
print(f'{time.time() - start:.3f} s')
