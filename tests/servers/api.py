#!/usr/bin/env python3
"""A web server that answers as APIs do, and fails as they do. `api.py [PORT-FILE [LOG]]`: writes its port to PORT-FILE once it listens, and
each request (method, path, headers that matter, body) as a line of JSON to LOG. A path is a list of words, each of which does one thing:

    /orders?limit=2            ten orders, paged by the Link header
    /page, /offset, /cursor, /last, /search      the same by number, offset, body cursor, last id (newest first), capped search
    /moving                    orders by offset, of which the first is changed, and so the last, behind the first page
    /places, /visits           locations on three pages; ten times of one of them, four at a time
    /orders/ID, /orders/ID/transactions, /locations, /variants, /bulk, /file.csv, /file.ndjson, /folded.ndjson
    /fail/N/HOW/…              the first N requests of this path fail: a status, drop, cut, empty, html, latin, slow, drip, length, again; then
                               what follows
    /marked                    orders behind a byte order mark
    /token, /private/…         a login with tokens that rotate, and what needs its token
"""
import json
import socket
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

port_file, log_file = (sys.argv[1:] + [None, None])[:2]
lock = threading.Lock()
seen = {}
state = {"refresh": "r0", "token": None, "serial": 0, "polls": 0, "moved": 0}


def order(i):
    return {"id": i, "name": f"#{1000 + i}", "total": f"{i}.90", "updated_at": f"2026-05-01T10:{i // 60:02}:{i % 60:02}Z"}


ORDERS = [order(i) for i in range(1, 11)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200, headers=(), kind="application/json"):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    # Each returns True where the request was dealt with.
    def fail(self, how):
        if how.isdigit():
            after = {"429": "0.2", "503": formatdate(time.time() + 1, usegmt=True)}.get(how)
            self.answer({"error": "try later"}, int(how), [("Retry-After", after)] if after else [])
        elif how == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif how == "html":
            self.answer(b"<html>Maintenance</html>", kind="text/html")
        elif how == "cut":
            self.answer(b'{"orders": [{"id": 1')
        elif how == "empty":
            self.answer(b"")
        elif how == "latin":
            self.answer(b'{"orders": [{"name": "caf\xe9"}]}')
        elif how == "again":
            self.answer({}, 302, [("Location", self.path)])
        elif how == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b" ")
                time.sleep(0.1)
        elif how == "length":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"orders": []}')
            self.close_connection = True
        elif how == "slow":
            time.sleep(3)
            return False
        elif how == "elsewhere":
            self.answer({}, 302, [("Location", "http://localhost:1/stolen")])
        elif how == "throttled":
            self.answer({"errors": [{"message": "slow down", "extensions": {"code": "THROTTLED"}}]})
        elif how == "forbidden":
            self.answer({"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]})
        elif how == "refused":
            self.answer({"errors": [{"message": "no such field"}, {"message": "nor that one"}]})
        return True

    def since(self, query, body):
        return query.get("since") or body.get("since") or ""

    def serve(self, words, query, body):
        here = [o for o in ORDERS if o["updated_at"] >= self.since(query, body) and o["updated_at"] < query.get("until", "9")]
        limit = int(query.get("limit", body.get("limit", 4)))
        name = words[0] if words else ""
        base = "http://" + self.headers["Host"] + urlsplit(self.path).path
        if name == "fail":
            times, how, rest = int(words[1]), words[2], words[3:]
            with lock:
                count = seen[urlsplit(self.path).path] = seen.get(urlsplit(self.path).path, 0) + 1
            if count <= times and self.fail(how):
                return None
            return self.serve(rest, query, body)
        if name == "private":
            if self.headers.get("Authorization") != f"Bearer {state['token']}":
                return self.answer({"error": "token expired"}, 401)
            return self.serve(words[1:], query, body)
        if name == "token":
            with lock:
                if body.get("refresh_token") != state["refresh"]:
                    return self.answer({"error": "invalid_grant"}, 400)
                state["serial"] += 1
                state["refresh"], state["token"] = f"r{state['serial']}-secret", f"t{state['serial']}-secret"
                return self.answer({"access_token": state["token"], "refresh_token": state["refresh"], "expires_in": 3600})
        if name == "expire":
            state["token"] = "another"
            return self.answer({})
        if name == "orders" and len(words) == 3:
            return self.answer({"transactions": [{"kind": "sale", "amount": f"{words[1]}.90"}] if int(words[1]) % 2 else []})
        if name == "orders" and len(words) == 2:
            found = [o for o in ORDERS if str(o["id"]) == words[1]]
            return self.answer({"order": found[0]}) if found else self.answer({"error": "not found"}, 404)
        if name == "orders":
            at = int(query.get("at", 0))
            more = at + limit < len(here)
            link = f'<{base}?at=0>; rel="first", <{base}?at={at + limit}&limit={limit}>; rel="next"'
            return self.answer({"orders": here[at:at + limit]}, headers=[("Link", link)] if more else [])
        if name == "page":
            at = (int(query.get("page", 1)) - 1) * limit
            if "strict" in words and at >= len(here):
                return self.answer({"error": "no such page"}, 404)
            return self.answer(here[at:at + limit])
        if name == "offset":
            options = body["variables"]["options"]
            here = [o for o in ORDERS if o["updated_at"] > options.get("after", "")]
            return self.answer({"data": {"orders": {"items": here[options["skip"]:options["skip"] + options["take"]],
                                                    "totalItems": len(here)}}})
        if name == "moving":
            state["moved"] += 1
            moved = ORDERS[1:] + [{**ORDERS[0], "total": "0.00", "updated_at": "2026-05-01T11:00:00Z"}] if state["moved"] > 1 else ORDERS
            skip = body["skip"]
            return self.answer({"orders": moved[skip:skip + 4], "total": len(moved)})
        if name == "cursor":
            at = int(body.get("cursor", "0"))
            cursor = {"cursor": str(at + limit)} if at + limit < len(here) else {}
            return self.answer({"orders": here[at:at + limit], **cursor})
        if name == "last":
            newest = list(reversed(here))
            after = query.get("starting_after")
            at = 1 + [str(o["id"]) for o in newest].index(after) if after else 0
            return self.answer({"data": newest[at:at + limit], "has_more": at + limit < len(newest)})
        if name == "search":
            at = int(body.get("after", "0"))
            if at >= 4:
                return self.answer({"message": "paging beyond 4"}, 400)
            paging = {"paging": {"next": {"after": str(at + 2)}}} if at + 2 < len(here) else {}
            return self.answer({"results": here[at:at + 2], **paging})
        if name == "circle":
            return self.answer({"orders": ORDERS[:2], "cursor": str(int(body.get("cursor", "0")) + 1)})
        if name == "signed":
            number = int(query.get("page", 1))
            return self.answer({"orders": [{**o, "image": f"/{o['id']}?signature={number}"} for o in ORDERS[:2]]} if number < 9 else {"orders": []})
        if name == "same":
            return self.answer({"orders": ORDERS[:2], "cursor": "1"})
        if name == "stranger":
            return self.answer({"orders": ORDERS[:2]}, headers=[("Link", '<http://localhost:1/orders>; rel="next"')])
        if name == "locations":
            return self.answer({"locations": [{"id": f"L{i}"} for i in range(1, 6)]})
        if name == "places":
            at = int(query.get("at", 0))
            link = [("Link", f'<{base}?at={at + 2}>; rel="next"')] if at < 4 else []
            return self.answer({"locations": [{"id": f"L{i}"} for i in range(1, 6)][at:at + 2]}, headers=link)
        if name == "visits":
            visits = [{"id": f"{body['location']}-{o['id']}", "at": o["updated_at"]} for o in here if o["updated_at"] < body.get("until", "9")]
            return self.answer({"visits": sorted(visits, key=lambda v: v["at"], reverse="newest" in words)[:4]})
        if name == "asked":
            return self.answer({"orders": [{"id": f"{l}-1", "location": l} for l in body.get("location_ids", [body.get("location")])]})
        if name == "variants":
            return self.answer({"items": [{"id": v, "sku": f"S{v}", "levels": [{"location": l, "on_hand": v * l} for l in (1, 2)]}
                                          for v in (1, 2)]})
        if name == "bulk":
            if "start" in words:
                state["polls"] = 0
                return self.answer({"id": "J1"})
            state["polls"] += 1
            done = state["polls"] > 2
            return self.answer({"status": "COMPLETED" if done else "RUNNING", **({"url": f"http://{self.headers['Host']}/file.ndjson"} if done else {})})
        if name == "file.ndjson":
            return self.answer(b'{"id":"p1","title":"Tea"}\n{"id":"p2","title":"Cake"}\n', kind="application/x-ndjson")
        if name == "folded.ndjson":
            return self.answer(b'{"id":"p1","title":"Tea"}\n{"id":"p2"}\n{"__parentId":"p1","price":"3.00"}\n', kind="application/x-ndjson")
        if name == "file.csv":
            return self.answer(b"id;name\n1;tea\n2;cake\n", kind="text/csv")
        if name == "marked":
            return self.answer(b"\xef\xbb\xbf" + json.dumps({"orders": here}).encode())
        if name == "empty":
            return self.answer({"orders": []})
        if name == "many":
            at, total = int(query.get("at", 0)), int(words[1])
            rows = [{"id": i, "name": f"order {i}", "note": "x" * 200, "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2}]}
                    for i in range(at, min(at + 250, total))]
            link = [("Link", f'<{base}?at={at + 250}>; rel="next"')] if at + 250 < total else []
            return self.answer({"orders": rows}, headers=link)
        return self.answer({"error": "no such path"}, 404)

    def handle_one(self):
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length", 0))
        raw = self.rfile.read(size).decode()
        if log_file:
            with lock, open(log_file, "a", encoding="utf-8") as log:
                told = {k.lower(): v for k, v in self.headers.items() if k.lower() in ("authorization", "api-version", "x-key")}
                log.write(json.dumps({"method": self.command, "path": self.path, **told, "body": raw}) + "\n")
        form = "urlencoded" in self.headers.get("Content-Type", "")
        body = {k: v[0] for k, v in parse_qs(raw).items()} if form else json.loads(raw) if raw else {}
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.serve([w for w in parts.path.split("/") if w], query, body)

    do_GET = do_POST = handle_one


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if port_file:
    with open(port_file + ".part", "w", encoding="utf-8") as out:
        out.write(str(server.server_port))
    import os
    os.rename(port_file + ".part", port_file)
server.serve_forever()
