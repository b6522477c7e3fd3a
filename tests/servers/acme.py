#!/usr/bin/env python3
"""The invented system of tests/systems/acme, as its streams ask for it: `acme.py PORT-FILE LOG`. Each request is a line of LOG: method, path,
authorization, body. Times are seconds behind START, or "…Z"; what is asked from a time on is answered so."""
import json
import os
import sys
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

port_file, log_file = sys.argv[1:]
START = 1777629600
state = {"polls": 0}


def time(i):
    return datetime.fromtimestamp(START + i, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(text):
    return text or ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def graphql(self, body):
        if "variables" in body:
            options = body["variables"]["options"]
            found = [i for i in range(250) if time(i) > since(options["filter"]["updatedAt"].get("after"))]
            page = found[options["skip"]:options["skip"] + options["take"]]
            return {"orders": {"totalItems": len(found), "items": [{"id": i, "code": f"C{i}", "updatedAt": time(i)} for i in page]}}
        state["polls"] += 1
        return {"node": {"status": "COMPLETED" if state["polls"] > 3 else "RUNNING", "url": f"http://{self.headers['Host']}/bulk.jsonl"}}

    def search(self, body):
        asked = body["filterGroups"][0]["filters"][0].get("value", "0")
        first, at = max(0, int(asked) // 1000 - START), int(body["after"])
        if not isinstance(asked, str) or at >= 10000:
            return {"message": "no such page"}
        page = range(first, 25000)[at:at + body["limit"]]
        more = {"paging": {"next": {"after": str(at + 200)}}} if first + at + 200 < 25000 else {}
        return {"results": [{"id": str(i), "properties": {"email": f"{i}@example.com", "lastmodifieddate": time(i)}} for i in page], **more}

    def get(self, path, query):
        host = f"http://{self.headers['Host']}"
        if path == "/orders.json":
            at = int(query.get("at", 0))
            found = [{"id": i, "name": f"#{i}", "updated_at": time(i)} for i in range(5) if time(i) >= since(query.get("updated_at_min")) or at]
            link = [("Link", f'<{host}/api/2026-07/orders.json?at={at + 2}>; rel="next"')] if at + 2 < len(found) else []
            return self.answer({"orders": found[at:at + 2]}, headers=link)
        if path.endswith("/transactions.json"):
            return self.answer({"transactions": [{"order": path.split("/")[2]}]})
        if path == "/orders/7.json":
            return self.answer({"order": {"id": 7, "name": "#7", "updated_at": time(7)}})
        if path == "/locations":
            return self.answer({"locations": [{"id": f"L{i}"} for i in range(23)]})
        if path == "/variants":
            return self.answer({"items": [{"id": 1, "sku": "A", "levels": [{"location": "x"}, {"location": "y"}]}, {"id": 2, "levels": []}]})
        if path == "/balance_transactions":
            found = [i for i in reversed(range(250)) if START + i >= int(query.get("created[gte]", 0))]
            at = found.index(int(query["starting_after"])) + 1 if "starting_after" in query else 0
            return self.answer({"data": [{"id": i, "created": START + i} for i in found[at:at + 100]], "has_more": at + 100 < len(found)})
        return self.answer({}, 404)

    def serve(self, raw):
        parts = urlsplit(self.path)
        path, query = parts.path.replace("/api/2026-07", ""), {k: v[0] for k, v in parse_qs(parts.query).items()}
        with open(log_file, "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} {self.headers['Authorization']} {raw}\n")
        if path == "/token":
            return self.answer({"refresh_token": "kept-refresh", "expires_in": 3600}, headers=[("vendure-auth-token", "kept-token")])
        if path == "/bulk.jsonl":
            return self.answer(b'{"id":"gid://x/Product/1"}\n{"id":"gid://x/Variant/1","__parentId":"gid://x/Product/1"}\n{"id":"gid://x/Product/2"}\n')
        if self.headers["Authorization"] != "Bearer kept-token":
            return self.answer({"message": "who are you"}, 401)
        if self.command == "GET":
            return self.get(path, query)
        body = json.loads(raw)
        if path == "/orders/search":
            start = since(body["query"]["filter"]["date_time_filter"]["updated_at"].get("start_at"))
            page = body.get("cursor", "c0")
            found = [{"id": f"{body['location_ids'][0]}-{page}", "updated_at": time(1)}] if time(1) >= start else []
            return self.answer({"orders": found, **({"cursor": "c1"} if page == "c0" and found else {})})
        return self.answer(self.search(body) if path == "/contacts/search" else {"data": self.graphql(body)})

    def do_GET(self):
        self.serve("")

    def do_POST(self):
        self.serve(self.rfile.read(int(self.headers["Content-Length"])).decode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w", encoding="utf-8") as out:
    out.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
