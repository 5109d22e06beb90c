"""A mail server of aiosmtpd, with a mailbox that is printed: `server.py MODE [CERT KEY]`.

MODE is plain, starttls or implicit, and may have `+auth` behind it. It listens on a port of
the kernel's choice, prints `Listening on ...`, and then, for each mail, a line of JSON.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, _, auth = sys.argv[1].partition("+")
context = None
if mode != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2], sys.argv[3])


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 there is no such user"
        if address.startswith("later"):
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "text": envelope.original_content.decode("latin-1"),
            "tls": session.ssl is not None or mode == "implicit",
            "user": session.auth_data,
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 queued"


def authenticate(server, session, envelope, mechanism, data):
    ok = (data.login, data.password) == (b"ada", b"salmon fish\xc3\xa9")
    # Not handled: aiosmtpd itself says no.
    return AuthResult(success=ok, handled=ok, auth_data=data.login.decode())


def protocol():
    options = {"data_size_limit": 100_000}
    if auth:
        options["authenticator"] = authenticate
        options["auth_required"] = True
        options["auth_require_tls"] = mode == "starttls"
    if mode == "starttls":
        options["tls_context"] = context
        options["require_starttls"] = True
    return SMTP(Mailbox(), **options)


async def main():
    loop = asyncio.get_running_loop()
    ssl_context = context if mode == "implicit" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=ssl_context)
    host, port = server.sockets[0].getsockname()
    print(f"Listening on {host}:{port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
