"""Answers echo requests to 127.0.0.1 in place of the kernel, well or badly.

usage: icmp.py HOW   with HOW one of: stranger, twice, late, lost, wrong, others
"""

import socket
import struct
import sys

how = sys.argv[1]


def raw(address):
    made = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    made.bind((address, 0))
    return made


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def answer(identifier, number, data, kind=0, by=None):
    head = struct.pack("!BBHHH", kind, 0, 0, identifier, number)
    total = checksum(head + data)
    head = struct.pack("!BBHHH", kind, 0, total, identifier, number)
    (by or own).sendto(head + data, ("127.0.0.1", 0))


own, other = raw("127.0.0.1"), raw("127.0.0.2")
open("/run/ready", "w").close()
kept = None
while True:
    packet, sender = own.recvfrom(2048)
    message = packet[(packet[0] & 15) * 4 :]
    if message[0] != 8:
        continue
    if checksum(message) != 0:
        sys.exit("a wrong checksum: " + message.hex())
    identifier, number = struct.unpack("!HH", message[4:8])
    data = message[8:]
    if how == "lost" and number == 1:
        continue
    if how == "others" and number == 1:
        answer(identifier ^ 1, number, data)
        continue
    if how == "late" and number == 1:
        kept = identifier, number, data
        continue
    if kept:
        answer(*kept)
        kept = None
    if how == "stranger":
        answer(identifier, number, data, by=other)
    if how == "wrong":
        answer(identifier ^ 1, number, data)
        answer(identifier, number, b"x" * len(data))
        answer(identifier, number, data[:-2])
        answer(identifier, number, data + b"more")
        answer(identifier, number, b"")
        answer(identifier, number, data, kind=13)
        own.sendto(b"\0\0\xff", ("127.0.0.1", 0))
    answer(identifier, number, data)
    if how == "twice" and number == 1:
        answer(identifier, number, data)
