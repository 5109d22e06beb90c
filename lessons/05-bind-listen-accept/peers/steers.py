# A caller who sends what a terminal obeys: clear the screen, go to the top, write.
import socket

ada = socket.create_connection(('127.0.0.1', 8888))
ada.send(b'\x1b[2J\x1b[HPassword: \n')
ada.shutdown(socket.SHUT_WR)
while piece := ada.recv(100):
    print(piece.decode(), end='')
