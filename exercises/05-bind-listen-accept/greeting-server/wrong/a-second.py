"""An answer to greeting-server with a mistake: it gives a client up that is silent for a second."""

import socket, socketserver, sys
class Greet(socketserver.StreamRequestHandler):
    timeout = 1
    def handle(self):
        line = self.rfile.readline()
        if not line.endswith(b"\n"):
            return
        line = line[:-1]
        if line.endswith(b"\r"):
            line = line[:-1]
        self.wfile.write(b"Hello, " + line + b"!\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    def handle_error(self, request, client_address):
        print("lost", client_address)
host, _, port = sys.argv[1].rpartition(":")
if host.startswith("["):
    Server.address_family = socket.AF_INET6
Server((host.strip("[]"), int(port)), Greet).serve_forever()
