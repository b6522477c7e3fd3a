#!/usr/bin/env python3
"""A web server that takes records as APIs do, counts their effects, and fails as they do. `target.py PORT-FILE EFFECTS [LOG]`: writes its port
to PORT-FILE once it listens, a line of JSON for each effect to EFFECTS, and each request to LOG.

    POST /items {"ref":…}           makes an item, {"item":{"id":…}}; with the header Idempotency-Key, once for each key
    GET /items?ref=REF              {"items":[…]}: those made with that ref
    PUT, DELETE /items/ID           replaces it, deletes it
    POST /batch {"items":[…]}       makes or replaces each by its ref: {"done":[{"ref","id"}],"failed":[{"refs","why"}]}
    POST /items/ID/buy, GET /items/ID, GET /labels/ID
    POST /plan {"path":…,"how":…,"times":N}   what the next N requests whose path starts so meet:
        a status      it is the answer, without an effect
        STATUS!       the answer, after the effect
        drop, drop!   the connection ends, before the effect or after it
        say S TEXT    TEXT is the answer, with the status S, without an effect
        kill, kill!   the process whose number is in the file `victim` is killed, before the effect or after it
    POST /forget                    no more of what was planned
    POST /login                     {"access":"planted-by-login"}
An item whose field "bad" is true is refused (422).
"""
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

port_file, effects_file = sys.argv[1:3]
log_file = sys.argv[3] if len(sys.argv) > 3 else None
lock = threading.RLock()
items, keys, plans = {}, {}, []
serial = 0


def append(name, value):
    with open(name, "a", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")


def effect(op, item):
    append(effects_file, {"op": op, **item})


def make(value, key=None):
    global serial
    if key and key in keys:
        return keys[key]
    serial += 1
    item = dict(value, id=serial)
    items[serial] = item
    effect("create", item)
    if key:
        keys[key] = item
    return item


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200, kind="application/json"):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def planned(self):
        for plan in plans:
            if self.path.startswith(plan["path"]) and plan["method"] in ("", self.command) and plan["times"] > 0:
                plan["times"] -= 1
                return plan["how"]
        return ""

    def end(self, how):
        if how.startswith("kill"):
            with open("victim", encoding="utf-8") as file:
                os.kill(int(file.read()), signal.SIGKILL)
            time.sleep(0.05)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def act(self, body):
        """The status and the answer."""
        words = urlsplit(self.path).path.strip("/").split("/")
        number = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
        if words[0] == "login":
            return 200, {"access": "planted-by-login"}
        if words[0] == "batch":
            return self.batch(body)
        if words[0] == "labels":
            return 200, b"^XA label %d ^XZ" % number
        if words[0] != "items":
            return 404, {"error": "no such place"}
        if self.command == "GET" and number is None:
            ref = parse_qs(urlsplit(self.path).query).get("ref", [""])[0]
            return 200, {"items": [i for i in items.values() if i.get("ref") == ref]}
        if self.command == "POST" and number is None:
            if body.get("bad"):
                return 422, {"error": "bad is bad"}
            return 201, {"item": make(body, self.headers.get("Idempotency-Key"))}
        if number not in items:
            return 404, {"error": "gone"}
        if self.command == "GET":
            return 200, items[number]
        if self.command == "DELETE":
            effect("delete", items.pop(number))
            return 200, {}
        if words[-1] == "buy":
            items[number]["label"] = f"/labels/{number}"
            effect("buy", items[number])
        else:
            items[number] = dict(body, id=number)
            effect("update", items[number])
        return 200, {"item": items[number]}

    def batch(self, body):
        if any(i.get("poison") for i in body["items"]):
            return 400, {"error": "poisoned"}
        key, answer = body.get("key"), {"done": [], "failed": []}
        if key and key in keys:
            return 200, keys[key]
        for item in body["items"]:
            if item.get("bad"):
                answer["failed"].append({"refs": [item["ref"]], "why": "bad is bad"})
            elif not item.get("forget"):
                answer["done"].append({"ref": item["ref"], "id": make(item)["id"]})
        if key:
            keys[key] = answer
        return 200, answer

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        with lock:
            if self.path == "/plan":
                plans.append({"times": 1, "method": "", **body})
                return self.answer({})
            if self.path == "/forget":
                plans.clear()
                return self.answer({})
            if log_file:
                append(log_file, {"method": self.command, "path": self.path, "body": body, "key": self.headers.get("Idempotency-Key"), "token": self.headers.get("X-Token")})
            how = self.planned()
            if how.startswith("say "):
                return self.answer(how[8:].strip().encode(), int(how[4:7]))
            before = how and not how.endswith("!")
            if before and how.isdigit():
                said = {"error": "not now"}
                if how[-1] in "02":  # as some servers do: what was sent stands in their errors
                    said = {"t": self.headers.get("X-Token"), "w": self.headers.get("X-Word") or body.get("word"), "path": self.path, "sent": body}
                return self.answer(said, int(how))
            if before:
                return self.end(how)
            status, value = self.act(body)
            if how and how[:-1].isdigit():
                return self.answer({"error": "not now"}, int(how[:-1]))
            if how:
                return self.end(how)
        if isinstance(value, bytes):
            return self.answer(value, status, "text/plain")
        return self.answer(value, status)

    do_GET = do_POST = do_PUT = do_DELETE = serve


with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    server.daemon_threads = True
    with open(port_file + ".part", "w", encoding="utf-8") as out:
        out.write(str(server.server_address[1]))
    os.rename(port_file + ".part", port_file)
    server.serve_forever()
