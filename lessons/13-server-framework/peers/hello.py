import socketserver


class Hello(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"Hello World!\n")


with socketserver.ThreadingTCPServer(("127.0.0.1", 2525), Hello) as server:
    server.serve_forever()
