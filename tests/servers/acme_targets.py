#!/usr/bin/env python3
"""The invented system of tests/systems/acme, as its targets call it: `acme_targets.py PORT-FILE LOG`. Each request is a line of LOG: method,
path, body."""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

port_file, log_file = sys.argv[1:]
shipments = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def act(self, path, query, body):
        words = path.split("/")
        if path == "/token":
            return {"access_token": "kept-token", "expires_in": 3600}
        if path == "/query":
            return {"QueryResponse": {"Customer": [{"Id": "55"}]} if "known" in query else {}}
        if words[1] == "customer":
            return {"Customer": {"Id": words[2] if len(words) > 2 else "77", "SyncToken": "3"}}
        if path == "/journalentry":
            return {"JournalEntry": {"Id": "J1"}}
        if words[1] == "lists":
            return {"id": "m1"}
        if path == "/contacts/batch/upsert":
            done, failed = body["inputs"][0], body["inputs"][1]
            return {"results": [{"id": "p1", "properties": {"email": done["id"]}}], "errors": [{"message": "dup", "context": {"ids": [failed["id"]]}}]}
        if path == "/shipments":
            if body["shipment"].get("nowhere"):
                return {"messages": [{"message": "no carrier"}, {"message": "goes there"}]}
            shipments[body["shipment"]["reference"]] = {"id": "S1", "rates": [{"id": "r10", "rate": "10.0"}, {"id": "r9", "rate": "9.5"}]}
            return shipments[body["shipment"]["reference"]]
        if words[-1] == "buy":
            url = f"http://{self.headers['Host']}/label.zpl"
            return {"id": "S1", "tracking_code": "1Z", "postage_label": {"label_zpl_url": url}}
        if path == "/label.zpl":
            return b"^XA^XZ"
        return {"data": {}}

    def serve(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null") if self.path != "/token" else self.rfile.read(
            int(self.headers["Content-Length"])) and None
        url = urlsplit(self.path)
        path = url.path.removeprefix("/api/2026-07")
        if path != "/token":
            with open(log_file, "a", encoding="utf-8") as log:
                log.write(json.dumps([self.command, unquote(path + ("?" + url.query if url.query else "")), body]) + "\n")
        said = self.act(path, unquote(url.query), body)
        said = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = serve


with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    server.daemon_threads = True
    with open(port_file + ".part", "w", encoding="utf-8") as out:
        out.write(str(server.server_address[1]))
    os.rename(port_file + ".part", port_file)
    server.serve_forever()
