"""The same in Python, through --command: dictionaries, and errno's own names."""

import errno
import socket
import sys

FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}
TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM, "raw": socket.SOCK_RAW}
PROTOCOLS = {None: 0, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}


def outcome(kind):
    try:
        family, of_type, protocol = (kind.split("/") + [None])[:3]
        if kind.count("/") > 2:
            return "unknown"
        asked = FAMILIES[family], TYPES[of_type], PROTOCOLS[protocol]
    except (KeyError, ValueError):
        return "unknown"
    try:
        socket.socket(*asked).close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"


for kind in sys.argv[1:]:
    print(kind, outcome(kind))
