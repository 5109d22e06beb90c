"""A name server for one program: `python3 dns.py PROGRAM ARGUMENT...`

Brings the loopback interface of its own network namespace up, answers DNS questions
(RFC 1035) on 127.0.0.1:53, and becomes the program. With DNS_TALKS=1 it prints every question.
"""

import fcntl
import os
import select
import socket
import struct
import sys

A, CNAME, PTR, AAAA = 1, 5, 12, 28
TYPES = {A: "A", PTR: "PTR", AAAA: "AAAA"}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5


def encoded(name):
    labels = name.encode("latin-1").split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


ANSWERS = {
    ("www.example.test", A): [(A, socket.inet_aton("192.0.2.80"))],
    ("www.example.test", AAAA): [(AAAA, socket.inet_pton(socket.AF_INET6, "2001:db8::80"))],
    ("80.2.0.192.in-addr.arpa", PTR): [(PTR, encoded("www.example.test"))],
    # A server that lies: a name that is no name, and no text.
    ("binary.example.test", A): [
        (CNAME, encoded("caf\xe9\xff.example.test")),
        (A, socket.inet_aton("192.0.2.81")),
    ],
    ("81.2.0.192.in-addr.arpa", PTR): [(PTR, encoded("caf\xe9\xff.example.test"))],
    ("lossy.example.test", A): [(A, socket.inet_aton("192.0.2.82"))],
    ("spoofed.example.test", A): [(A, socket.inet_aton("192.0.2.83"))],
}
CODES = {
    "formerr.example.test": FORMERR,
    "servfail.example.test": SERVFAIL,
    "refused.example.test": REFUSED,
    "empty.example.test": NOERROR,
}


def answer(query):
    number, _, _ = struct.unpack("!HHH", query[:6])
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    question = query[12 : at + 5]
    name = b".".join(labels).decode("latin-1")
    (kind,) = struct.unpack("!H", question[-4:-2])
    if os.environ.get("DNS_TALKS"):
        line = f"[name server] asked for {name} {TYPES.get(kind, kind)}\n"
        line += f"[name server] {question.hex(' ')}\n"
        os.write(1, line.encode())
    if name.startswith("silent."):
        return None
    records = ANSWERS.get((name, kind), [])
    known = records or any(name == known for known, _ in ANSWERS)
    code = CODES.get(name, NOERROR if known else NXDOMAIN)
    # Response, recursion desired and available; one question, the answers.
    header = struct.pack("!HHHHHH", number, 0x8180 | code, 1, len(records), 0, 0)
    reply = header + question
    owner = b"\xc0\x0c"  # a pointer to the question's name
    for kind, data in records:
        reply += owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
        if kind == CNAME:
            owner = data
    return reply


def serve(server, program):
    """Until the program ends."""
    asked_before = []
    while True:
        readable, _, _ = select.select([server, program], [], [])
        if program in readable:
            return
        query, client = server.recvfrom(512)
        reply = answer(query)
        if not reply:
            continue
        if b"\x05lossy" in query and client not in asked_before:
            asked_before.append(client)  # the first question is lost
            continue
        if b"\x07spoofed" in query:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                lie = socket.inet_aton("192.0.2.66")
                stranger.sendto(reply[:-4] + lie, client)
        server.sendto(reply, client)
        if b"\x05lossy" in query:
            server.sendto(reply, client)  # and the answer comes twice


def bring_loopback_up():
    SIOCSIFFLAGS, IFF_UP = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def main():
    bring_loopback_up()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    # The server is a grandchild, so that the program has no child that it knows nothing of.
    program = os.pidfd_open(os.getpid())
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            serve(server, program)
        os._exit(0)
    os.waitpid(child, 0)
    server.close()
    os.execv(sys.argv[1], sys.argv[1:])


main()
