#!/usr/bin/python3
"""An FTP server that speaks nothing but TLS: `ftp.py PORT-FILE CERTIFICATE-AND-KEY FOLDER`. Writes two ports to PORT-FILE once it listens: that of
AUTH TLS, and that of TLS from the start. Its user is ann, with the password pass-word. Of a file called cut.csv half is sent.
"""
import os
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.log import config_logging
from pyftpdlib.servers import FTPServer

port_file, certificate, folder = sys.argv[1:]
config_logging(level="ERROR")


class Halves:
    """A file that cannot be read to its end."""

    def __init__(self, file):
        self.file, self.name, self.left = file, file.name, os.fstat(file.fileno()).st_size // 2

    def read(self, size):
        if self.left == 0:
            raise OSError(5, "Input/output error")
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def __getattr__(self, name):
        return getattr(self.file, name)


class Folder(AbstractedFS):
    def open(self, filename, mode):
        file = super().open(filename, mode)
        return Halves(file) if os.path.basename(filename) == "cut.csv" else file


class Data(TLS_DTPHandler):
    """A data connection on which a client may shake hands before it says what it wants, as libcurl does."""

    def readable(self):
        return self._ssl_accepting or super().readable()


class Explicit(TLS_FTPHandler):
    certfile = certificate
    tls_control_required = tls_data_required = True
    dtp_handler = Data
    abstracted_fs = Folder
    authorizer = DummyAuthorizer()
    use_sendfile = False


class Implicit(Explicit):
    def handle(self):
        self.secure_connection(self.ssl_context)
        super().handle()


Explicit.authorizer.add_user("ann", "pass-word", folder, perm="elradfmw")
Explicit.ssl_context = Explicit.get_ssl_context()
Explicit.ssl_context.set_session_id(b"hub")  # without it a data connection that resumes the session of the control connection is reset
loop = IOLoop.instance()
servers = [FTPServer(("127.0.0.1", 0), handler, ioloop=loop) for handler in (Explicit, Implicit)]
with open(port_file + ".part", "w", encoding="ascii") as out:
    out.write(" ".join(str(server.address[1]) for server in servers) + "\n")
os.rename(port_file + ".part", port_file)
servers[0].serve_forever(handle_exit=False)
