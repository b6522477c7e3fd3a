"""What hub-load brings where, beside what else does: jobs of run, each a generator of its title, its bytes, and the programs that do it, ours
first. Programs are run in turn, round by round, each time into an empty target."""
import csv
import glob
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

PART = 4  # of the orders
CALLS = 30000
# Of the hub in which an order is looked for: 10000000 take a minute to make, and two GB.
DELIVERIES = int(os.environ.get("BENCH_DELIVERIES", "500000"))
NGINX = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/log;
events {{ worker_connections 64; }}
http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}/a; proxy_temp_path {0}/b; fastcgi_temp_path {0}/c;
 uwsgi_temp_path {0}/d; scgi_temp_path {0}/e; server {{ listen 127.0.0.1:{1}; location / {{ return 200 "{{}}"; }} }} }}
"""


class Loads:
    def __init__(self, bench):
        self.bench = bench
        self.folder = os.path.abspath(f"{bench.DATA}/load")
        self.load, self.extract, self.log = (f"{bench.BUILD}/bin/hub-{tool}" for tool in ("load", "extract", "log"))
        self.rows = max(1, bench.ORDERS // PART)

    def at(self, name):
        return f"{self.folder}/{name}"

    def make(self):
        """The first orders as CSV, as native and as canonical records, and the table for them."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        with open(self.bench.CSV, encoding="utf-8", newline="") as orders, open(self.at("rows.csv"), "w", encoding="utf-8") as part:
            for _, line in zip(range(self.rows + 1), orders):
                part.write(line)
        with open(self.at("rows.csv"), encoding="utf-8", newline="") as orders, open(self.at("native"), "w", encoding="utf-8") as native, \
                open(self.at("canonical"), "w", encoding="utf-8") as canonical:
            reader = csv.DictReader(orders)
            for row in reader:
                data = json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
                name = f'"entity":"order","id":"{row["Id"]}","source":"shop"'
                version = hashlib.sha256(data.encode()).hexdigest()
                native.write(f'{{"data":{data},{name},"stream":"bench:rows","version":"{version}"}}\n')
                canonical.write(f'{{"data":{data},{name},"v":1}}\n')
            self.table = "CREATE TABLE orders (%s)" % ", ".join(
                f'"{column}" text{" PRIMARY KEY" if column == "Id" else ""}' for column in reader.fieldnames)

    def size(self, name):
        return os.path.getsize(self.at(name))

    def in_turn(self, *programs):
        """Of (name, what empties its target, command): the best run of each."""
        best = {}
        for _ in range(self.bench.ROUNDS):
            for name, empty, command in programs:
                empty()
                run = self.bench.measure([command], self.at("said"))
                if name not in best or run.seconds < best[name].seconds:
                    best[name] = run
        return best

    def remove(self, name):
        for path in glob.glob(self.at(name) + "*"):
            os.remove(path)

    # ---- the jobs ----

    def sqlite(self):
        def empty(name):
            self.remove(name)
            subprocess.run(["sqlite3", self.at(name), self.table], check=True)
        yield f"{self.rows} rows of 20 columns into SQLite, as CSV", self.size("rows.csv")
        if not shutil.which("sqlite3"):
            yield "sqlite3", None
            return
        yield from self.in_turn(
            ("hub-load, each once", lambda: empty("ours.db"), [self.load, "--table", "orders", "sqlite:" + self.at("ours.db"), self.at("native")]),
            ("sqlite3 .import", lambda: empty("peer.db"),
             ["sqlite3", "-csv", self.at("peer.db"), f".import --skip 1 {self.at('rows.csv')} orders"])).items()

    def postgres(self):
        yield f"{self.rows} rows of 20 columns into PostgreSQL, as CSV", self.size("rows.csv")
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not folders or not shutil.which("psql"):
            yield "PostgreSQL", None
            return
        with Postgres(folders[-1]) as server:
            def empty():
                server.sql("DROP TABLE IF EXISTS orders", "DROP TABLE IF EXISTS hub_delivered", "CHECKPOINT", self.table)
            yield from self.in_turn(
                ("hub-load, each once", empty, [self.load, "--table", "orders", server.url, self.at("native")]),
                ("psql \\copy", empty, ["psql", "-qX", "-c", rf"\copy orders FROM '{self.at('rows.csv')}' CSV HEADER", server.url])).items()

    def hub(self):
        yield f"{self.rows} canonical records into the hub, on disk", self.size("canonical")
        for run in self.in_turn(("", lambda: self.remove("hub.db"),
                                 [self.load, "--no-marks", "-d", self.at("hub.db"), "hub:", self.at("canonical")])).values():
            yield f"hub-load hub: {self.rows / run.seconds:.0f}/s", run

    def nothing(self):
        """All was settled: what it costs to find that out."""
        yield f"{self.rows} records of the hub for a target that has them", self.size("canonical")
        settle = [self.extract, "-d", self.at("hub.db"), "hub:order", "--for", "bench"], [self.load, "-d", self.at("hub.db"), "hub:"]
        self.bench.measure(settle, self.at("said"))
        yield "hub-extract | hub-load", self.bench.best(settle)

    def in_sync(self):
        """The same, where all of them are given: each is looked for in the ledger."""
        yield f"{self.rows} records given to a target that has them, beside settling them", self.size("native")
        self.describe(9)
        command = ["env", f"HUB_PATH={self.folder}", self.load, "--no-marks", "-d", self.at("hub.db"), "bench:orders", self.at("native")]
        before = self.size("hub.db")
        settling = self.bench.measure([[*command, "--settle"]], self.at("said"))
        yield "hub-load", self.bench.best([command])
        yield f"settling: {(self.size('hub.db') - before) / self.rows:.0f} bytes each", settling

    def describe(self, port):
        """The connection bench, to a server on PORT."""
        os.makedirs(self.at("systems/bench"), exist_ok=True)
        with open(self.at("systems/bench/system.json"), "w", encoding="ascii") as f:
            json.dump({"system": "bench", "base": f"http://127.0.0.1:{port}", "limits": {"parallel": 8},
                       "targets": {"orders": {"put": "/orders/{id}", "json": "{.}"}}}, f)

    def http(self):
        calls = min(CALLS, self.rows)
        with open(self.at("native"), "rb") as native, open(self.at("calls"), "wb") as part:
            for _, line in zip(range(calls), native):
                part.write(line)
        yield f"{calls} calls to a server on loopback, 8 at once, with a ledger", self.size("calls")
        if not shutil.which("nginx"):
            yield "hub-load (no nginx)", None
            return
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.describe(port)
        with open(self.at("nginx.conf"), "w", encoding="ascii") as f:
            f.write(NGINX.format(self.folder, port))
        server = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.at("nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close())
            command = ["env", f"HUB_PATH={self.folder}", self.load, "--no-marks", "-j", "8", "-d", self.at("calls.db"), "bench:orders", self.at("calls")]
            for run in self.in_turn(("", lambda: self.remove("calls.db"), command)).values():
                yield f"hub-load {calls / run.seconds:.0f}/s", run
        finally:
            server.terminate()
            server.wait()

    def many(self):
        """The life of an order, in a hub of so many deliveries."""
        orders = DELIVERIES // 5
        hub = self.at("many.db")
        subprocess.run([self.load, "--no-marks", "-d", hub, "hub:", "/dev/null"], check=True, stdout=subprocess.DEVNULL)
        with open("tests/bench/deliveries.sql", encoding="utf-8") as script:
            subprocess.run(["sqlite3", hub, "PRAGMA synchronous = OFF", f".parameter set :n {orders}", ".read /dev/stdin"], stdin=script, check=True,
                           stdout=subprocess.DEVNULL)
        yield f"hub-log of an order, in a hub of {DELIVERIES} deliveries", self.size("many.db")
        middle = orders // 2
        for what, name in (("its id", 4500000000 + 37 * middle), ("its number", f"#{2 * middle + 1}"), ("a target's id", f"crm-{2 * middle + 1}")):
            run = self.bench.best([[self.log, "-d", hub, "order", str(name)]])
            yield f"by {what}: {run.seconds * 1000:.1f} ms", run
        self.remove("many.db")

    def jobs(self):
        return [self.sqlite, self.postgres, self.hub, self.nothing, self.in_sync, self.http, self.many]

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for(ready):
    for _ in range(200):
        try:
            return ready()
        except (OSError, subprocess.CalledProcessError):
            time.sleep(0.05)
    return ready()


class Postgres:
    """A server of its own, as it is installed, on a socket in a folder of its own."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = tempfile.mkdtemp(prefix="hub-bench.")  # short: the path of a socket has 107 bytes at most
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        self.url = f"postgresql://bench@/postgres?host={self.folder}"
        self.server = None

    def run(self, program, *arguments, start=subprocess.run):
        return start([*self.user, f"{self.programs}/{program}", "-D", f"{self.folder}/data", *arguments], cwd=self.folder,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sql(self, *statements):
        subprocess.run(["psql", "-qX", self.url, *(word for s in statements for word in ("-c", s))], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def __enter__(self):
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
        self.run("initdb", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8").check_returncode()
        self.server = self.run("postgres", "-k", self.folder, "-h", "", start=subprocess.Popen)
        wait_for(lambda: self.sql("SELECT 1"))
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)
