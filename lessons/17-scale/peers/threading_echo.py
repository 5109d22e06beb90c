"""Python's own server with a thread for each client, as an outside peer of lesson 17."""
import resource
import socketserver

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 4096  # its own is 5
    daemon_threads = True


with Server(("127.0.0.1", 0), Echo) as server:
    print("Listening on 127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
