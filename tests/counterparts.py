#!/usr/bin/env python3
"""counterparts.py json|spelling|decimals|times: the tools beside Python's own json, decimal, datetime and zoneinfo, over generated cases.

json      which lines hub-extract takes as JSON, and what of them it gives on
spelling  the canonical bytes (RFC 8785) that hub-canon writes
decimals  arithmetic, comparison and rounding in maps
times     local times to UTC and back around changes of clocks, RFC 3339, days

A case where the two differ is printed; the status is 1, then."""
import datetime
import json
import os
import random
import subprocess
import sys
import zoneinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal

random = random.Random(20260501)
differences = 0


def differ(*what):
    global differences
    differences += 1
    if differences <= 10:
        print(*what, sep="\n  ")


def run(command, given):
    """Lines of the output, and of the rejects."""
    if os.path.exists("rejects"):
        os.unlink("rejects")
    done = subprocess.run([*command, "-r", "rejects"], input=given, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{command}: {done.returncode}: {done.stderr.decode()}")
    refused = open("rejects", "rb").read() if os.path.exists("rejects") else b""
    return done.stdout.split(b"\n")[:-1], [json.loads(line) for line in refused.split(b"\n")[:-1]]


# ---- JSON ----

DEPTH = 256
PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b".", b"e", b"E", b"+", b"1", b" ", b"\t", b"\r", b"\f", b"\v", b"\0", b"\x1f", b"\x7f",
          b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3\xa9", b"\xe0\x80\x80", b"\xe2\x82", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xed\xbf\xbf",
          b"\xef\xbb\xbf", b"\xef\xbf\xbe", b"\xf0\x80\x80\x80", b"\xf0\x9f\x98\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\\u", b"\\u0000",
          b"\\u00e9", b"\\uD800", b"\\uDc00", b"\\ud83d\\ude00", b"\\uZZZZ", b"\\x41", b"\\/", b"\\'", b"null", b"true", b"NaN", b"Infinity", b"-Infinity", b"nul",
          b"/**/", b"//", b"'", b"\xc2\xa0", b"\xe2\x81\xa0", b"1e400", b"-0", b"01", b"1.", b".5", b"0x1", b"1_0", b"\x00\x7b"]
WHOLE = [b"{}", b'{"a":[1,-0,1.50,1e5,1E-5,123456789012345678901234567890]}', b'{"a":{"b":{"c":[[],{},"",null,true,false]}}}', b'{ "a" : "\\u0041\\n\\"" , "b" : [ 1 , 2 ] }',
         b'{"a":"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80","\\u00e9":"\\ud83d\\ude00"}', b'{"a":"0123456789012345678901234567890123456789","b":-1.25e+10}']


class Text(str):
    """The digits of a number."""


def no_constant(name):
    raise ValueError(name)


def distinct(pairs):
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key twice")
    return made


def parsed(line):
    """The value of a line, numbers as they are written; None: it is none that a record may hold."""
    try:
        value = json.loads(line.decode("utf-8"), parse_float=Text, parse_int=Text, parse_constant=no_constant, object_pairs_hook=distinct)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # no half of a pair of surrogates
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and deep(value) <= DEPTH - 1 else None  # the envelope is one level


def deep(value):
    levels, at = 0, [value]
    while at:
        inner = [x for v in at for x in (v.values() if isinstance(v, dict) else v)]
        at = [x for x in inner if isinstance(x, (dict, list))]
        levels += 1
    return levels


def shaped(value):
    """With the kinds of things told apart: a number is not a text."""
    if isinstance(value, dict):
        return {key: shaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shaped(inner) for inner in value]
    return ("number", str(value)) if isinstance(value, Text) else value


def some_line():
    line = bytearray(random.choice(WHOLE))
    for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
        at, kind = random.randrange(len(line) + 1), random.random()
        if kind < 0.6:
            line[at:at] = random.choice(PIECES)
        elif kind < 0.8:
            del line[at:at + random.choice([1, 1, 2, 5])]
        elif at < len(line):
            line[at:at + 1] = random.choice(PIECES)
    return bytes(line)


def nested(n):
    inner = n - 1
    return [b'{"a":' + b"[" * inner + b"]" * inner + b"}", b'{"a":' * n + b"1" + b"}" * n, b'{"a":' + b"[" * inner + b"}"]


def json_lines():
    lines = {some_line() for _ in range(30000)} | {line + b" " * i + b"\t\r" for i, line in enumerate(WHOLE)}
    lines |= {b'{"a":' + piece + b"}" for piece in PIECES} | {b'{"a":"' + piece + b'"}' for piece in PIECES} | {b'{"' + piece + b'":0}' for piece in PIECES}
    lines |= {piece + b'{"a":1}' for piece in PIECES} | {b'{"a":1}' + piece for piece in PIECES}
    lines |= {bytes([c]) + b"{}" for c in range(256)} | {b'{"a":"' + bytes([c]) + b'"}' for c in range(256)}
    lines |= {b'{"a":"' + bytes([c, d]) + b'"}' for c in range(0xC0, 0x100) for d in range(0x78, 0xD0, 4)}
    for n in (2, 200, DEPTH - 2, DEPTH - 1, DEPTH, DEPTH + 1, 1000, 100000):
        lines |= set(nested(n))
    lines |= {'{"a":1}'.encode(code) for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32-le")}
    return sorted(line for line in lines if b"\n" not in line and line.strip())  # blank ones are passed over


def compare_json():
    lines = json_lines()
    # Of a file's own mark, its beginning, nothing is to be known here.
    given, rejects = run(["hub-extract", "-f", "ndjson"], b"{}\n" + b"\n".join(lines))
    taken = {}
    for line in given[1:]:
        record = json.loads(line, parse_float=Text, parse_int=Text)
        taken[int(record["from"].rsplit(":", 1)[1])] = record["data"]
    for number, line in enumerate(lines, 2):
        want = parsed(line)
        if (want is None) != (number not in taken):
            differ(f"{line[:100]!r}", "taken" if number in taken else "refused")
        elif want is not None and shaped(want) != shaped(taken[number]):
            differ(f"{line!r}", f"{taken[number]!r}")
    if len(taken) + len(rejects) != len(lines):
        differ(f"{len(lines)} lines, {len(taken)} taken, {len(rejects)} refused")
    return len(lines)


# ---- RFC 8785 ----

LETTERS = ["", "a", "B", "_", "é", "ß", "\u0000", "\u0007", "\b", "\t", "\n", "\f", "\r", "\u001f", '"', "\\", "/", "\u007f", "\u0080", "\u2028", "\ud7ff", "\ue000", "\ufb33",
           "\ufffd", "\uffff", "\U00010000", "\U0001f600", "\U0010ffff", "€", "ö", "1", " "]
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def spelled_text(text):
    return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def spelled(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(spelled_text(key) + ":" + spelled(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    return spelled_text(value) if isinstance(value, str) else json.dumps(value)


def some_text():
    return "".join(random.choice(LETTERS) for _ in range(random.choice([1, 1, 2, 3, 20])))


def some_value(depth):
    kind = random.random()
    if depth > 0 and kind < 0.35:
        return {some_text(): some_value(depth - 1) for _ in range(random.choice([0, 1, 2, 3, 12]))}
    if depth > 0 and kind < 0.55:
        return [some_value(depth - 1) for _ in range(random.choice([0, 1, 4]))]
    return random.choice([None, True, False, 0, 1, -1, 10**15, 2**53 - 1, 1 - 2**53, some_text(), some_text()])


def spelled_anyhow(value):
    """The same value as somebody else might write it."""
    if isinstance(value, dict):
        keys = random.sample(list(value), len(value))
        return "{ " + ",".join(json.dumps(key, ensure_ascii=random.random() < 0.5) + " :" + spelled_anyhow(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + "\t,".join(map(spelled_anyhow, value)) + " ]"
    return json.dumps(value, ensure_ascii=random.random() < 0.5)


def compare_spelling():
    os.makedirs("hub/schema", exist_ok=True)
    with open("hub/schema/thing.json", "w", encoding="ascii") as schema:
        schema.write('{"type":"object"}')
    datas = [{some_text(): some_value(3) for _ in range(random.choice([0, 1, 2, 5, 60]))} for _ in range(600)]
    datas += [{a: 1, b: 2, a + b: 3} for a in LETTERS for b in LETTERS if a < b and a]
    lines = [f'{{"v":1,"source":"s","id":"{i}","entity":"thing","data":{spelled_anyhow(data)}}}' for i, data in enumerate(datas)]
    given, rejects = run(["hub-canon"], "\n".join(lines).encode())
    wanted = [f'{{"data":{spelled(data)},"entity":"thing","id":"{i}","source":"s","v":1}}'.encode() for i, data in enumerate(datas)]
    for reject in rejects:
        differ(f"refused: {reject['error']}", reject["record"])
    for want, got in zip(wanted, given):
        if want != got:
            differ(f"{want!r}", f"{got!r}")
    return len(datas)


# ---- maps ----

def mapped(rules, rows):
    """What a map of these rules makes of each row; of what is refused, its code and field."""
    os.makedirs("hub/schema", exist_ok=True)
    with open("hub/schema/thing.json", "w", encoding="ascii") as schema:
        schema.write('{"type":"object"}')
    with open("map", "w", encoding="utf-8") as file:
        file.write("map thing <- t:t {\n" + "\n".join(rules) + "\n}\n")
    lines = [json.dumps({"data": row, "id": str(i), "source": "s", "stream": "t:t"}) for i, row in enumerate(rows)]
    given, rejects = run(["hub-canon", "-m", "map"], "\n".join(lines).encode())
    made = {int(record["id"]): record["data"] for record in map(json.loads, given)}
    made.update({int(reject["record"]["id"]): reject["error"]["field"] for reject in rejects})
    return made


# ---- decimals ----

EXACT = Context(prec=400, Emin=-10**6, Emax=10**6)


def some_decimal():
    digits = "".join(random.choice("0123456789999500") for _ in range(random.choice([1, 2, 3, 5, 9, 17, 18, 19, 20, 36, 40, 80])))
    places = random.choice([0, 0, 1, 2, 3, 9, 18, 20, len(digits)])
    text = digits if places == 0 else (digits[:-places] or "0") + "." + digits[-places:].rjust(places, "0")
    return random.choice(["", "", "-"]) + text


def plain(number):
    """The shortest spelling: no exponent, no zeros at the end, no -0."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quotient(a, b, places):
    """a / b to that many places, halves to the even neighbour, by integers."""
    if b == 0:
        return None
    shift = min(a.as_tuple().exponent, b.as_tuple().exponent)
    over, under = (int(EXACT.scaleb(x, -shift)) for x in (a, b))
    over *= 10**places
    if under < 0:
        over, under = -over, -under
    whole, rest = divmod(over, under)
    if 2 * rest > under or (2 * rest == under and whole % 2):
        whole += 1
    return EXACT.scaleb(Decimal(whole), -places)


def compare_decimals():
    rows = [{"a": some_decimal(), "b": some_decimal(), "c": some_decimal()} for _ in range(1000)]
    halves = ["0.5", "1.5", "2.5", "-0.5", "-1.5", "-2.5", "0.05", "0.15", "0.25", "-0.25", "0.005", "0.015", "1.005", "-1.005", "9.995", "99.9995", "0.4999999999999999999999999",
              "0.5000000000000000000000001", "999999999999999999.5", "-999999999999999999.5", "999999999999999999", "1000000000000000000", "0", "-0", "0.000", "00012.50"]
    rows += [{"a": a, "b": b, "c": "0.01"} for a in halves for b in ("1", "-1", "2", "3", "-7", "0", "8", "0.2")]
    places = [0, 1, 2, 3, 7, 19, 30]
    rules = ["sum <- .a + .b", "difference <- .a - .b", "product <- .a * .b", "less <- if(.a < .b, \"yes\", \"no\")", "equal <- if(.a + 0 == .b, \"yes\", \"no\")",
             "absolute <- abs(.a)", "all <- .a - .b * .c + .c", "decimal <- .a | decimal", "negative <- -.a", "least <- min(.l[])", "most <- max(.l[])", "total <- sum(.l[])"]
    rules += [f"round{n} <- round(.a, {n})" for n in places]
    divided = [f"quotient{n} <- div(.a, .b, {n})" for n in places]
    for row in rows:
        row["l"] = [row["a"], row["b"], row["c"]]
    made, quotients = mapped(rules, rows), mapped(divided, rows)
    for i, row in enumerate(rows):
        a, b, c = (Decimal(row[key]) for key in "abc")
        want = {"sum": EXACT.add(a, b), "difference": EXACT.subtract(a, b), "product": EXACT.multiply(a, b), "absolute": a.copy_abs(), "decimal": a, "negative": EXACT.minus(a),
                "all": EXACT.add(EXACT.subtract(a, EXACT.multiply(b, c)), c), "least": min(a, b, c), "most": max(a, b, c), "total": EXACT.add(EXACT.add(a, b), c)}
        want |= {f"round{n}": a.quantize(EXACT.scaleb(Decimal(1), -n), ROUND_HALF_EVEN, EXACT) for n in places}
        want = {key: plain(value) for key, value in want.items()} | {"less": "yes" if a < b else "no", "equal": "yes" if a == b else "no"}
        got = {key: value if key in ("less", "equal") else plain(Decimal(value)) for key, value in made[i].items()} if isinstance(made[i], dict) else made[i]
        if want != got:
            differ(row, {k: v for k, v in want.items() if not isinstance(got, dict) or got.get(k) != v}, got if not isinstance(got, dict) else
                   {k: v for k, v in got.items() if want.get(k) != v})
        parts = {f"quotient{n}": quotient(a, b, n) for n in places}
        got = quotients[i]
        if (b == 0) != (not isinstance(got, dict)) or (b != 0 and any(Decimal(got[key]) != value for key, value in parts.items())):
            differ(row, parts, got)
    return len(rows)


# ---- times ----

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "Asia/Tehran",
         "Pacific/Chatham", "America/Sao_Paulo", "Europe/Dublin", "Antarctica/Troll", "Asia/Gaza", "America/Nuuk", "Africa/Monrovia", "Europe/Amsterdam", "Asia/Pyongyang"]
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)


def change_of_clocks(zone, year):
    """The seconds of UTC at which the offset changes within a year."""
    def offset(seconds):
        return (EPOCH + datetime.timedelta(seconds=seconds)).replace(tzinfo=UTC).astimezone(zone).utcoffset()
    start = int((datetime.datetime(year, 1, 1) - EPOCH).total_seconds())
    for step in range(start, start + 366 * 86400, 6 * 3600):
        low, high = step, step + 6 * 3600
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        yield high


def some_locals(zone):
    """Local times: any, and those around changes."""
    found = [datetime.datetime(random.randrange(1, 10000), random.randrange(1, 13), random.randrange(1, 29), random.randrange(24), random.randrange(60), random.randrange(60))
             for _ in range(60)]
    for year in [1883, 1912, 1940, 1972, 1979, 1987, 2006, 2011, 2015, 2022, 2025, 2026, 2038, 2050, 2099, 2400]:
        for change in change_of_clocks(zone, year):
            for delta in (-7200, -3601, -1801, -1, 0, 1, 900, 1799, 1800, 3599, 3600, 7200):
                found.append((EPOCH + datetime.timedelta(seconds=change + delta)).replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0))
                found.append(EPOCH + datetime.timedelta(seconds=change + delta) + zone.utcoffset(EPOCH + datetime.timedelta(seconds=change)))
    return found


def rfc3339(moment):
    text = moment.strftime("%Y").rjust(4, "0") + moment.strftime("-%m-%dT%H:%M:%S")
    return text + (f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else "") + "Z"


def compare_times():
    count = 0
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        moments = some_locals(zone)
        rows = [{"t": moment.strftime("%Y").rjust(4, "0") + moment.strftime("-%m-%d %H:%M:%S")} for moment in moments]
        made = mapped([f'utc <- .t | time("%Y-%m-%d %H:%M:%S", "{name}")', f'back <- (.t | time("%Y-%m-%d %H:%M:%S", "{name}")) as time("%Y-%m-%d %H:%M:%S %z", "{name}") else none'], rows)
        for i, moment in enumerate(moments):
            try:
                utc = moment.replace(tzinfo=zone).astimezone(UTC)
                # Offsets of local mean time have seconds, which %z has no place for.
                local = utc.astimezone(zone)
                back = local.strftime("%Y").rjust(4, "0") + local.strftime("-%m-%d %H:%M:%S %z")
                want = {"utc": rfc3339(utc), "back": back[:25]}
            except (OverflowError, ValueError):
                want = None  # beyond the years 1 to 9999
            got = made[i]
            if want is not None and isinstance(got, dict) and zone.utcoffset(moment).seconds % 60:
                want.pop("back"), got.pop("back", None)
            if (want or None) != (got if isinstance(got, dict) else None):
                differ(name, rows[i], want, got)
            count += 1
    return count + compare_rfc3339() + compare_days() + compare_formats()


def some_rfc3339():
    year = random.choice(["0000", "0001", "1969", "1970", "2000", "2026", "9999", "-001", "+2026", "12026", "226"])
    month, day = random.choice(["00", "01", "02", "04", "12", "13", "1"]), random.choice(["00", "01", "28", "29", "30", "31", "32"])
    clock = random.choice(["00:00:00", "23:59:59", "24:00:00", "23:59:60", "12:60:00", "1:00:00", "12:00", "12:00:00.", "12:00:00.5", "12:00:00.123456", "12:00:00,5"])
    offset = random.choice(["Z", "z", "+00:00", "-00:00", "+14:00", "-12:30", "+24:00", "+23:59", "+1:00", "+0100", "", "+01:60", " Z"])
    return f"{year}-{month}-{day}{random.choice(['T', 'T', 't', ' ', '', '_'])}{clock}{offset}"


def is_rfc3339(text):
    """By the grammar of RFC 3339, and the days of the calendar; leap seconds are no times of POSIX."""
    if len(text) < 20 or text[4] != "-" or text[7] != "-" or text[10] not in "Tt " or text[13] != ":" or text[16] != ":":
        return None
    clock, rest = text[:19].upper().replace(" ", "T"), text[19:]
    if not all(part.isascii() and part.isdigit() for part in (clock[:4], clock[5:7], clock[8:10], clock[11:13], clock[14:16], clock[17:19])):
        return None
    fraction = 0
    if rest.startswith("."):
        digits = rest[1:len(rest) - len(rest[1:].lstrip("0123456789"))]
        if not digits:
            return None
        fraction, rest = int(digits.ljust(6, "0")), rest[1 + len(digits):]
    try:
        moment = datetime.datetime.strptime(clock, "%Y-%m-%dT%H:%M:%S").replace(microsecond=fraction)
        if rest in ("Z", "z"):
            return rfc3339(moment)
        if len(rest) != 6 or rest[0] not in "+-" or rest[3] != ":" or not (rest[1:3] + rest[4:]).isdigit() or int(rest[1:3]) > 23 or int(rest[4:]) > 59:
            return None
        sign = -1 if rest[0] == "+" else 1
        return rfc3339(moment + sign * datetime.timedelta(hours=int(rest[1:3]), minutes=int(rest[4:])))
    except (ValueError, OverflowError):
        return None


def compare_rfc3339():
    texts = sorted({some_rfc3339() for _ in range(20000)})
    made = mapped(["t <- .t | time"], [{"t": text} for text in texts])
    for i, text in enumerate(texts):
        got = made[i].get("t") if isinstance(made[i], dict) else None
        if got != is_rfc3339(text):
            differ(text, is_rfc3339(text), got)
    return len(texts)


def compare_days():
    texts = [f"{y:04}-{m:02}-{d:02}" for y in (0, 1, 4, 100, 400, 1582, 1900, 2000, 2023, 2024, 2100, 9999) for m in range(14) for d in range(33)]
    made = mapped(["d <- .d | date", 'w <- .d | date("%Y-%m-%d") as date("%j")'], [{"d": text} for text in texts])
    for i, text in enumerate(texts):
        try:
            day = datetime.date(*map(int, text.split("-")))
            want = {"d": text, "w": f"{day.timetuple().tm_yday:03d}"}
        except ValueError:
            want = None
        got = made[i] if isinstance(made[i], dict) else None
        if got is not None and want is not None and got != want:
            got = {**got}
        if got != want:
            differ(text, want, made[i])
    return len(texts)


FORMATS = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%y %I:%M %p", "%Y %j %H%M%S", "%d %b %Y", "%A, %d %B %Y, %I:%M:%S %p", "%a %d %b %H:%M:%S %Y", "%Y%m%dT%H%M%S.%f", "%B %d, %Y",
           "%y%m%d", "%%%Y%%%m%%%d", "%Y-%m-%dT%H:%M:%S%z", "%d/%m/%Y%z", "%Y-%m-%d %H:%M:%S.%f"]
PARTS = [("2024", "2023"), ("02", "13"), ("29", "32"), ("29", "30"), ("12", "24"), ("AM", "PM"), ("PM", "pm"), ("Feb", "feb"), ("Mon", "Tue"), ("May", "Mai"), ("+0000", "-0530"),
         ("+0000", "+14:00"), ("+0000", "Z"), ("00", "60"), (" ", "  "), ("0", "")]


def compare_formats():
    """What strptime takes is taken, as the same time, and written as strftime writes it. Python takes fewer digits, and days of the week
    that are not those of the date: of these, only what it refuses is compared."""
    count = 0
    for form in FORMATS:
        texts = set()
        for _ in range(300):
            moment = datetime.datetime(random.choice([1970, 1999, 2000, 2024, 2026, 2068]), random.randrange(1, 13), random.choice([1, 2, 9, 10, 28]), random.randrange(24),
                                       random.randrange(60), random.randrange(60), random.randrange(10**6), UTC)
            texts.add(moment.strftime(form))
            old, new = random.choice(PARTS)
            texts.add(moment.strftime(form).replace(old, new, 1))
        texts = sorted(texts)
        made = mapped([f't <- .t | time("{form}")', f'w <- (.t | time("{form}")) as time("{form}") else none'], [{"t": text} for text in texts])
        for i, text in enumerate(texts):
            got = made[i] if isinstance(made[i], dict) else None
            try:
                moment = datetime.datetime.strptime(text, form)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                moment = moment.astimezone(UTC)
                same = moment.strftime(form).lower() == text.lower()
                want = {"t": rfc3339(moment)}
            except ValueError:
                want, same = None, False
            if want is None and got is not None or same and (got is None or got["t"] != want["t"]):
                differ(form, text, want, got)
            elif got is not None and want is not None and got["t"] == want["t"] and "%f" not in form and got.get("w", "").lower() != moment.strftime(form).lower():
                differ(form, text, moment.strftime(form), got)
            count += 1
    return count


kinds = {"json": compare_json, "spelling": compare_spelling, "decimals": compare_decimals, "times": compare_times}
cases = kinds[sys.argv[1]]()
print(f"{sys.argv[1]}: {cases} cases, {differences} of them differ")
sys.exit(differences > 0)
