"""The same servers as in scenarios.rs, on Python's own socketserver.

usage: scenarios.py KIND HANDLER [LIMIT]

Prints where it listens, and does what is typed: serve, shutdown, close.
"""

import socketserver
import sys
import threading

kind, what = sys.argv[1:3]


def say(line):
    sys.stdout.write(line + "\n")  # print would write the end of the line apart
    sys.stdout.flush()


class Handler(socketserver.BaseRequestHandler):
    count = 0

    def setup(self):
        if what == "steps":
            say("setup")
            self.first = self.request.recv(1)
            if self.first == b"s":
                raise OSError("as it should")

    def handle(self):
        if what == "hello":
            self.request.sendall(b"Hello World!\n")
        elif what == "echo":
            while data := self.request.recv(4096):
                self.request.sendall(data)
        elif what == "steps":
            say("handle")
            if self.first == b"h":
                raise OSError("as it should")
            if self.first == b"p":
                raise AssertionError("as it should")
        elif what == "much":
            self.request.sendall(bytes(3_000_000))
        elif what == "count":
            self.count += 1
            self.request.sendall(b"%d" % self.count)
        elif what == "end":
            say("shutting down")
            self.server.shutdown()
            say("shut down")
        elif what == "datagram":
            data, socket = self.request
            if data == b"raise":
                raise OSError("as it should")
            socket.sendto(data, self.client_address)

    def finish(self):
        if what == "steps":
            say("finish")


def serve():
    say("serving")
    server.serve_forever()
    say("served")


def shutdown():
    say("shutting down")
    server.shutdown()
    say("shut down")


def close():
    server.server_close()
    say("closed")


server = getattr(socketserver, kind)(("127.0.0.1", 0), Handler)
say("Listening on %s:%d" % server.server_address)
commands = {"serve": serve, "shutdown": shutdown, "close": close}
for line in sys.stdin:
    threading.Thread(target=commands[line.strip()], daemon=True).start()
