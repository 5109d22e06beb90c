"""The same in Python, through --command."""

import socket
import struct
import sys

LEVELS = {
    "SO_RCVBUF": socket.SOL_SOCKET,
    "SO_SNDBUF": socket.SOL_SOCKET,
    "SO_KEEPALIVE": socket.SOL_SOCKET,
    "SO_REUSEADDR": socket.SOL_SOCKET,
    "SO_RCVTIMEO": socket.SOL_SOCKET,
    "TCP_NODELAY": socket.IPPROTO_TCP,
    "IP_TTL": socket.IPPROTO_IP,
}
NUMBERS = {name: getattr(socket, name) for name in LEVELS if hasattr(socket, name)}
NUMBERS.setdefault("SO_RCVTIMEO", 20)  # not in every Python


def answer(tcp, name, wish):
    if name not in LEVELS:
        return "unknown"
    option = LEVELS[name], NUMBERS[name]
    time = name == "SO_RCVTIMEO"
    try:
        if wish and time:
            seconds, rest = divmod(int(wish), 1000)
            tcp.setsockopt(*option, struct.pack("ll", seconds, rest * 1000))
        elif wish:
            tcp.setsockopt(*option, int(wish))
        if time:
            seconds, rest = struct.unpack("ll", tcp.getsockopt(*option, 16))
            return seconds * 1000 + rest // 1000
        return tcp.getsockopt(*option)
    except OSError:
        return "refused"


with socket.socket() as tcp:
    for setting in sys.argv[1:]:
        name, _, wish = setting.partition("=")
        print(name, answer(tcp, name, wish))
