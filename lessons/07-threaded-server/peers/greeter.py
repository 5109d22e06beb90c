# A server from the tutorials: Python's socketserver, a thread for each client, line by line.
import socketserver

class Greeter(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'Welcome!\n')
        for line in self.rfile:
            name = line.strip()
            if name == b'exit':
                break
            self.wfile.write(b'Hello, ' + name + b'!\n')

socketserver.ThreadingTCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer(('127.0.0.1', 9999), Greeter)
print('Listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
server.serve_forever()
