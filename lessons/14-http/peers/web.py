# A web server that keeps its connections. It closes one that is silent for two seconds.
import socket

TEXT = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
CHUNKS = '10\r\nThis page comes \r\n12\r\nas it is made, in \r\n8\r\npieces.\n\r\n0\r\n\r\n'
ANSWERS = {
    '/': TEXT + 'Content-Length: 20\r\n\r\nThis is the page: /\n',
    '/notes': TEXT + 'Content-Length: 19\r\n\r\nBuy bread and milk\n',
    '/chunked': TEXT + 'Transfer-Encoding: chunked\r\n\r\n' + CHUNKS,
    '/empty': 'HTTP/1.1 204 No Content\r\n\r\n',
    '/old': 'HTTP/1.1 301 Moved Permanently\r\nLocation: /notes\r\nContent-Length: 0\r\n\r\n',
}
NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'

listener = socket.create_server(('127.0.0.1', 8000))
print('listening', flush=True)
while True:
    client, _ = listener.accept()
    print('a connection', flush=True)
    client.settimeout(2)
    with client, client.makefile(newline='\r\n') as requests:
        try:
            while line := requests.readline():
                print(' ', line.strip(), flush=True)
                close = False
                while (field := requests.readline()) not in ('', '\r\n'):
                    close = close or field == 'Connection: close\r\n'
                client.sendall(ANSWERS.get(line.split()[1], NOT_FOUND).encode())
                if close:
                    break
            print('  closed', flush=True)
        except TimeoutError:
            print('  silent for 2 seconds: closed', flush=True)
        except OSError:
            pass  # the client has left
