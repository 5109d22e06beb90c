import socket

crowd = [socket.create_connection(("127.0.0.1", 2525)) for _ in range(100)]
print("100 are connected, and say nothing. Press Enter.")
input()
