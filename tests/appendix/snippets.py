"""The Python column of the appendix "From Python and C to Rust".

Between ANCHOR and ANCHOR_END stands what the page shows. Each function gives its line a
real socket to work on, and looks at what it did. snippets.rs and snippets.c are the other
two columns, and have the same anchors.
"""

import concurrent.futures
import errno
import select
import socket
import socketserver
import struct
import threading

LOOPBACK = ("127.0.0.1", 0)
socket.setdefaulttimeout(5)  # a deadline: nothing here waits for ever


def stream():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def listener():
    return socket.create_server(LOOPBACK)


def connection():
    with listener() as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
        theirs.settimeout(5)
        return ours, theirs


def dead_port():
    with listener() as server:
        return server.getsockname()


def until_end(peer):
    return b"".join(iter(lambda: peer.recv(65536), b""))


# ---- A socket and its end ----------------------------------------------------------------


def makes_and_closes():
    # ANCHOR: socket
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # ANCHOR_END: socket
    assert (s.family, s.type) == (socket.AF_INET, socket.SOCK_STREAM)
    s.close()
    # ANCHOR: socketpair
    one, two = socket.socketpair()
    # ANCHOR_END: socketpair
    one.sendall(b"hello")
    assert two.recv(100) == b"hello"
    s, peer = connection()
    # ANCHOR: close
    s.close()
    # ANCHOR_END: close
    assert peer.recv(100) == b""
    s, peer = connection()
    # ANCHOR: shutdown
    s.shutdown(socket.SHUT_WR)
    # ANCHOR_END: shutdown
    assert peer.recv(100) == b""
    peer.sendall(b"still here")
    assert s.recv(100) == b"still here"


def descriptors():
    s, peer = connection()
    # ANCHOR: fileno
    fd = s.fileno()
    # ANCHOR_END: fileno
    assert fd > 2
    # ANCHOR: fromfd
    s2 = socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM)
    # ANCHOR_END: fromfd
    assert s2.fileno() != fd
    s2.close()
    # ANCHOR: dup
    s2 = s.dup()
    # ANCHOR_END: dup
    s.close()
    s2.sendall(b"hello")
    assert peer.recv(100) == b"hello"
    s = s2
    # ANCHOR: detach
    fd = s.detach()
    # ANCHOR_END: detach
    assert s.fileno() == -1
    # ANCHOR: from_descriptor
    s = socket.socket(fileno=fd)
    # ANCHOR_END: from_descriptor
    s.sendall(b"again")
    assert peer.recv(100) == b"again"


# ---- Names and addresses -----------------------------------------------------------------


def names():
    # ANCHOR: address
    address = ("127.0.0.1", 8888)
    # ANCHOR_END: address
    # ANCHOR: getaddrinfo
    found = socket.getaddrinfo("localhost", 8888)
    # ANCHOR_END: getaddrinfo
    assert address in [entry[4] for entry in found]
    # ANCHOR: gethostbyname
    ip = socket.gethostbyname("localhost")
    # ANCHOR_END: gethostbyname
    assert ip == "127.0.0.1"
    # ANCHOR: gethostbyaddr
    name, _, _ = socket.gethostbyaddr("127.0.0.1")
    # ANCHOR_END: gethostbyaddr
    assert name
    # ANCHOR: getnameinfo
    name, service = socket.getnameinfo(("127.0.0.1", 80), 0)
    # ANCHOR_END: getnameinfo
    assert name and service in ("http", "80")
    try:
        # ANCHOR: getservbyname
        port = socket.getservbyname("http")
        # ANCHOR_END: getservbyname
        assert port == 80
    except OSError:
        pass  # no /etc/services here
    # ANCHOR: gethostname
    name = socket.gethostname()
    # ANCHOR_END: gethostname
    assert name
    # ANCHOR: getfqdn
    name = socket.getfqdn()
    # ANCHOR_END: getfqdn
    assert name


def numbers():
    # ANCHOR: inet_pton
    packed = socket.inet_pton(socket.AF_INET, "127.0.0.1")
    # ANCHOR_END: inet_pton
    assert packed == bytes([127, 0, 0, 1])
    # ANCHOR: inet_ntop
    text = socket.inet_ntop(socket.AF_INET, packed)
    # ANCHOR_END: inet_ntop
    assert text == "127.0.0.1"
    # ANCHOR: htons
    number = socket.htons(8888)
    # ANCHOR_END: htons
    assert struct.pack("=H", number) == b"\x22\xb8"
    # ANCHOR: ntohs
    port = socket.ntohs(number)
    # ANCHOR_END: ntohs
    assert port == 8888
    # ANCHOR: htonl
    data = struct.pack("!I", 258)
    # ANCHOR_END: htonl
    assert data == bytes([0, 0, 1, 2])
    # ANCHOR: ntohl
    (number,) = struct.unpack("!I", data)
    # ANCHOR_END: ntohl
    assert number == 258


# ---- The client --------------------------------------------------------------------------


def client():
    server = listener()
    address = server.getsockname()
    s = stream()
    # ANCHOR: connect
    s.connect(address)
    # ANCHOR_END: connect
    peer, _ = server.accept()
    # ANCHOR: getsockname
    own = s.getsockname()
    # ANCHOR_END: getsockname
    # ANCHOR: getpeername
    theirs = s.getpeername()
    # ANCHOR_END: getpeername
    assert (own, theirs) == (peer.getpeername(), address)
    host, port = address
    # ANCHOR: create_connection
    s = socket.create_connection((host, port))
    # ANCHOR_END: create_connection
    assert s.getpeername() == address
    s = stream()
    # ANCHOR: connect_timeout
    s.settimeout(5)
    # ANCHOR_END: connect_timeout
    s.connect(address)
    address = dead_port()
    s = stream()
    # ANCHOR: connect_ex
    code = s.connect_ex(address)
    # ANCHOR_END: connect_ex
    assert code == errno.ECONNREFUSED


# ---- The server --------------------------------------------------------------------------


def server():
    s, address = stream(), LOOPBACK
    # ANCHOR: reuse_address
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # ANCHOR_END: reuse_address
    # ANCHOR: bind
    s.bind(address)
    # ANCHOR_END: bind
    # ANCHOR: listen
    s.listen(128)
    # ANCHOR_END: listen
    peer = socket.create_connection(s.getsockname())
    # ANCHOR: accept
    client, address = s.accept()
    # ANCHOR_END: accept
    assert address == peer.getsockname()
    client.sendall(b"hello")
    assert peer.recv(100) == b"hello"
    s.close()
    address = LOOPBACK
    # ANCHOR: create_server
    s = socket.create_server(address)
    # ANCHOR_END: create_server
    socket.create_connection(s.getsockname())
    s.accept()


# ---- Bytes -------------------------------------------------------------------------------


def sends_and_receives():
    s, peer = connection()
    # ANCHOR: send
    count = s.send(b"hello")
    # ANCHOR_END: send
    assert peer.recv(count) == b"hello"
    peer.sendall(b"hello")
    # ANCHOR: recv
    data = s.recv(1024)
    # ANCHOR_END: recv
    assert data == b"hello"
    peer.sendall(b"hello")
    buffer = bytearray(b"........")
    # ANCHOR: recv_into
    count = s.recv_into(memoryview(buffer)[3:])
    # ANCHOR_END: recv_into
    assert (count, buffer) == (5, b"...hello")
    peer.sendall(b"hello, you")
    # ANCHOR: peek
    data = s.recv(5, socket.MSG_PEEK)
    # ANCHOR_END: peek
    assert data == b"hello"
    # ANCHOR: recv_exact
    data = s.recv(10, socket.MSG_WAITALL)
    # ANCHOR_END: recv_exact
    assert data == b"hello, you"
    peer.sendall(b"first\nsecond\n")
    # ANCHOR: makefile
    file = s.makefile("rb")
    # ANCHOR_END: makefile
    # ANCHOR: readline
    line = file.readline()
    # ANCHOR_END: readline
    assert line == b"first\n"
    message = bytes(4_000_000)
    lengths = []
    reading = threading.Thread(target=lambda: lengths.append(len(until_end(peer))))
    reading.start()
    # ANCHOR: sendall
    s.sendall(message)
    # ANCHOR_END: sendall
    file.close()
    s.close()
    reading.join()
    assert lengths == [4_000_000]


def datagrams():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(LOOPBACK)
    address = s.getsockname()
    s, other = other, s
    # ANCHOR: sendto
    s.sendto(b"hello", address)
    # ANCHOR_END: sendto
    s, other = other, s
    # ANCHOR: recvfrom
    data, address = s.recvfrom(1024)
    # ANCHOR_END: recvfrom
    assert (data, address[1]) == (b"hello", other.getsockname()[1])


def text_and_bytes():
    text = "é\n"
    # ANCHOR: encode
    data = text.encode()
    # ANCHOR_END: encode
    assert data == b"\xc3\xa9\n"
    # ANCHOR: decode
    text = data.decode()
    # ANCHOR_END: decode
    assert text == "é\n"


# ---- Options and time --------------------------------------------------------------------


def options():
    s = stream()
    # ANCHOR: setsockopt
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    # ANCHOR_END: setsockopt
    # ANCHOR: getsockopt
    size = s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    # ANCHOR_END: getsockopt
    assert size in (65536, 131072)
    # ANCHOR: nodelay
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # ANCHOR_END: nodelay
    # ANCHOR: keepalive
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # ANCHOR_END: keepalive
    linger = struct.pack("ii", 1, 0)
    # ANCHOR: linger
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    # ANCHOR_END: linger
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # ANCHOR: broadcast
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    # ANCHOR_END: broadcast
    if socket.has_ipv6:
        try:
            s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        except OSError:
            return  # a kernel without IPv6
        # ANCHOR: v6only
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # ANCHOR_END: v6only


def so_error():
    s = stream()
    s.setblocking(False)
    if s.connect_ex(dead_port()) == errno.ECONNREFUSED:
        return  # told at once, on some systems
    select.select([], [s], [], 5)
    # ANCHOR: so_error
    code = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    # ANCHOR_END: so_error
    assert code == errno.ECONNREFUSED


def time():
    s, peer = connection()
    # ANCHOR: setblocking
    s.setblocking(False)
    # ANCHOR_END: setblocking
    # ANCHOR: getblocking
    blocking = s.getblocking()
    # ANCHOR_END: getblocking
    assert not blocking
    try:
        raise AssertionError(s.recv(100))
    except BlockingIOError:
        pass
    # ANCHOR: settimeout
    s.settimeout(0.1)
    # ANCHOR_END: settimeout
    # ANCHOR: gettimeout
    seconds = s.gettimeout()
    # ANCHOR_END: gettimeout
    assert seconds == 0.1
    try:
        raise AssertionError(s.recv(100))
    except TimeoutError:
        pass
    # ANCHOR: settimeout_none
    s.settimeout(None)
    # ANCHOR_END: settimeout_none
    assert s.gettimeout() is None
    peer.close()


# ---- Waiting for several -----------------------------------------------------------------


def waiting():
    (one, _silent), (two, talks) = connection(), connection()
    talks.sendall(b"hello")
    # ANCHOR: select
    readable, _, _ = select.select([one, two], [], [], 5)
    # ANCHOR_END: select
    assert readable == [two]
    if hasattr(select, "poll"):
        waiting = select.poll()
        waiting.register(one, select.POLLIN)
        waiting.register(two, select.POLLIN)
        # ANCHOR: poll
        ready = waiting.poll(5000)
        # ANCHOR_END: poll
        assert ready == [(two.fileno(), select.POLLIN)]


# ---- socketserver ------------------------------------------------------------------------


# ANCHOR: handler
# ANCHOR: stream_handler
class Upper(socketserver.StreamRequestHandler):
    # ANCHOR_END: stream_handler
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
# ANCHOR_END: handler


# ANCHOR: datagram_handler
class UpperDatagram(socketserver.DatagramRequestHandler):
    # ANCHOR_END: datagram_handler
    def handle(self):
        self.wfile.write(self.rfile.read().upper())


# ANCHOR: base_handler
class Bare(socketserver.BaseRequestHandler):
    # ANCHOR_END: base_handler
    def handle(self):
        self.request.sendall(self.request.recv(1024).upper())


def is_answered(address):
    with socket.create_connection(address) as s:
        s.sendall(b"hello\n")
        assert s.recv(100) == b"HELLO\n"


def running(server):
    # ANCHOR: serve_forever
    server.serve_forever()
    # ANCHOR_END: serve_forever


def started(server):
    thread = threading.Thread(target=running, args=[server])
    thread.start()
    return thread


def servers():
    address = LOOPBACK
    # ANCHOR: tcp_server
    server = socketserver.TCPServer(address, Upper)
    # ANCHOR_END: tcp_server
    thread = started(server)
    is_answered(server.server_address)
    # ANCHOR: server_shutdown
    server.shutdown()
    # ANCHOR_END: server_shutdown
    thread.join()
    # ANCHOR: server_close
    server.server_close()
    # ANCHOR_END: server_close
    assert stream().connect_ex(server.server_address) == errno.ECONNREFUSED

    with socketserver.TCPServer(LOOPBACK, Bare) as server:
        thread = started(server)
        is_answered(server.server_address)
        server.shutdown()
        thread.join()

    # ANCHOR: threading_tcp_server
    server = socketserver.ThreadingTCPServer(address, Upper)
    # ANCHOR_END: threading_tcp_server
    thread = started(server)
    with socket.create_connection(server.server_address):
        is_answered(server.server_address)  # although the first client says nothing
    server.shutdown()
    thread.join()
    server.server_close()


def datagram_servers():
    address = LOOPBACK
    # ANCHOR: udp_server
    server = socketserver.UDPServer(address, UpperDatagram)
    # ANCHOR_END: udp_server
    datagram_server(server)
    # ANCHOR: threading_udp_server
    server = socketserver.ThreadingUDPServer(address, UpperDatagram)
    # ANCHOR_END: threading_udp_server
    datagram_server(server)


def datagram_server(server):
    thread = started(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"hello", server.server_address)
        assert s.recvfrom(100) == (b"HELLO", server.server_address)
    server.shutdown()
    thread.join()
    server.server_close()


if __name__ == "__main__":
    makes_and_closes()
    descriptors()
    names()
    numbers()
    client()
    server()
    sends_and_receives()
    datagrams()
    text_and_bytes()
    options()
    so_error()
    time()
    waiting()
    # serve_forever looks twice a second whether to stop: so let them wait together.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(servers), pool.submit(datagram_servers)]:
            done.result()
    print("all of it did what it says")
