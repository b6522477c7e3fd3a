#!/usr/bin/python3
"""A mail server, and what mail servers do wrong. `mail.py PORT-FILE FOLDER [CERT KEY [USER PASSWORD]]`: writes its port to PORT-FILE once it
listens, each message as FOLDER/N.eml, and who it was from and to as a line of JSON to FOLDER/log. With CERT it wants STARTTLS; with USER
a login. What stands before the @ of a recipient says what happens to it:

    refuse, later                550 or 451 at RCPT
    refuse-text, later-text      554 or 452 behind the text
    close                        421 at RCPT
    drop                         the connection is cut behind the text, which was taken
    drop-before                  it is cut at RCPT
"""
import asyncio
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

port_file, folder, cert, key, user, password = (sys.argv[1:] + [None] * 6)[:6]
folder = Path(folder)
folder.mkdir(exist_ok=True)


class Handler:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        what = address.split("@")[0]
        if what == "drop-before":
            server.transport.abort()
        if what == "close":
            return "421 4.3.2 closing for maintenance"
        if what in ("refuse", "later"):
            return "550 5.1.1 no such mailbox" if what == "refuse" else "451 4.2.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        what = envelope.rcpt_tos[0].split("@")[0]
        if what in ("refuse-text", "later-text"):
            return "554 5.7.1 looks like spam" if what == "refuse-text" else "452 4.3.1 disk full"
        Handler.count += 1
        (folder / f"{Handler.count}.eml").write_bytes(envelope.original_content)
        with open(folder / "log", "a") as log:
            log.write(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                                  "user": session.auth_data and session.auth_data.login.decode()}) + "\n")
        if what == "drop":
            server.transport.abort()
        return "250 OK: queued"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(handled=False, success=(data.login, data.password) == (user.encode(), password.encode()), auth_data=data)


options = {}
if cert:
    options["tls_context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    options["tls_context"].load_cert_chain(cert, key)
    options["require_starttls"] = True
if user:
    options.update(authenticator=authenticate, auth_required=True)


async def serve():
    handler = Handler()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler, **options), "127.0.0.1", 0)
    part = Path(port_file + ".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(port_file)
    await asyncio.wait_for(server.serve_forever(), 300)  # nothing is left behind a test that was killed


asyncio.run(serve())
