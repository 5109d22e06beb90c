# A caller whose line comes in two pieces, cut in the middle of a character.
import socket, time

line = 'Grüße!\n'.encode()  # ü and ß are two bytes each
ada = socket.create_connection(('127.0.0.1', 8888))
ada.send(line[:3])
time.sleep(0.5)
ada.send(line[3:])
ada.shutdown(socket.SHUT_WR)
while piece := ada.recv(100):
    print(piece.decode(), end='')
