"""What the appendix says of Python: `facts.py NAME [ARGUMENT]` shows it, and prints it."""

import errno
import fcntl
import os
import signal
import socket
import socketserver
import struct
import sys
import time
import warnings

LOOPBACK = ("127.0.0.1", 0)


def pair():
    with socket.create_server(LOOPBACK) as server:
        ours = socket.create_connection(server.getsockname(), timeout=5)
        theirs, _ = server.accept()
    ours.settimeout(5)
    theirs.settimeout(5)
    return ours, theirs


def name_of(call):
    try:
        return repr(call())
    except Exception as error:
        return type(error).__name__


def sends_text():
    ours, _theirs = pair()
    print(name_of(lambda: ours.send("hello")))
    print(name_of(lambda: b"\xc3".decode()))


def timeout_and_descriptor():
    s = socket.socket()
    flag = lambda: bool(fcntl.fcntl(s, fcntl.F_GETFL) & os.O_NONBLOCK)
    before = flag()
    s.settimeout(5)
    print(before, flag(), s.gettimeout())


def timeout_of_accept():
    with socket.create_server(LOOPBACK) as server:
        server.settimeout(0.05)
        print(name_of(server.accept))


def timeout_of_zero():
    ours, _theirs = pair()
    ours.settimeout(0)
    print(ours.getblocking(), name_of(lambda: ours.recv(1)))


def sendall_to(address):
    """The peer reads slowly: always something, but all of it only after the timeout."""
    host, port = address.rsplit(":", 1)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    s.connect((host, int(port)))
    s.settimeout(0.4)
    print(name_of(lambda: s.sendall(bytes(400_000))))


def forgets():
    ours, theirs = pair()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del ours
    print([warning.category.__name__ for warning in caught], theirs.recv(1))


def closes_with_a_file_open():
    ours, theirs = pair()
    file = ours.makefile("wb")
    ours.close()
    theirs.settimeout(0.05)
    print(name_of(lambda: theirs.recv(1)))
    theirs.settimeout(5)
    file.close()
    print(name_of(lambda: theirs.recv(1)))


def interrupted():
    """A signal comes while recv waits; its handler sends what recv waits for."""
    ours, theirs = pair()
    ours.settimeout(None)
    handled = []

    def handler(*_):
        handled.append(True)
        if len(handled) == 2:
            theirs.sendall(b"hello")

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    data = ours.recv(100)
    signal.setitimer(signal.ITIMER_REAL, 0)  # else one more comes while Python ends
    print(data, len(handled) >= 2)


def writes_to_the_dead():
    ours, theirs = pair()
    theirs.close()
    ours.send(b"1")
    while True:  # the answer to the first is on its way
        try:
            ours.send(b"2")
        except OSError as error:
            print(type(error).__name__)
            return
        time.sleep(0.001)


def exceptions(*names):
    for name in names:
        number = getattr(errno, name)
        print(name, number, type(OSError(number, "")).__name__)


def inheritable():
    ours, theirs = pair()
    print(ours.get_inheritable(), theirs.get_inheritable(), socket.socket().get_inheritable())


def limit(server):
    """The limit of the listener's queue: tcpi_sacked of struct tcp_info."""
    info = server.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
    return struct.unpack_from("=I", info, 28)[0]


def backlogs():
    plain = socket.socket()
    plain.bind(LOOPBACK)
    plain.listen()
    with socketserver.TCPServer(LOOPBACK, None) as server:
        print(limit(plain), limit(socket.create_server(LOOPBACK)), limit(server.socket))


def reuse_address():
    reused = lambda s: bool(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
    with socketserver.TCPServer(LOOPBACK, None) as server:
        print(reused(socket.socket()), reused(socket.create_server(LOOPBACK)),
              reused(server.socket))


def dual_stack():
    only = lambda s: bool(s.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
    v6 = socket.AF_INET6
    print(only(socket.socket(v6)), only(socket.create_server(("::", 0), family=v6)),
          only(socket.create_server(("::", 0), family=v6, dualstack_ipv6=True)))


def names_in_addresses():
    with socket.create_server(LOOPBACK) as server:
        s = socket.socket()
        s.connect(("localhost", server.getsockname()[1]))
        print(s.getpeername()[0])


def a_name_with_two_addresses():
    """A server listens on the second one only."""
    found = socket.getaddrinfo("two-homes", 0, socket.AF_INET, socket.SOCK_STREAM)
    _, second = [entry[4][0] for entry in found]
    with socket.create_server((second, 0)) as server:
        address = ("two-homes", server.getsockname()[1])
        s = socket.create_connection(address, timeout=5)
        print(name_of(lambda: socket.socket().connect(address)), s.getpeername()[0] == second)


def ends():
    ours, theirs = pair()
    theirs.close()
    print(name_of(lambda: ours.recv(100)))
    ours, theirs = pair()
    print(name_of(lambda: ours.recv(0)))


def accepted_from_a_nonblocking_listener():
    with socket.create_server(LOOPBACK) as server:
        s = socket.create_connection(server.getsockname())
        server.setblocking(False)
        client, _ = server.accept()
        print(client.getblocking(), s.getblocking())


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
