# Accepts a client, sleeps, and only then reads: how many bytes come?
import socket, time

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
client, _ = listener.accept()
time.sleep(2)
count = 0
while data := client.recv(65536):
    count += len(data)
print(count, 'bytes came')
