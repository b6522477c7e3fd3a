#!/usr/bin/env python3
"""agreement.py shipped|generated [CASES]: whether hub-canon and an independent validator of JSON Schema 2020-12 agree.

Records are generated from the schemas, mostly good, and mutated; both judge them. What JSON Schema does not know (money, checks, the
formats of the contract) is judged by functions of this file, which know nothing of hub-canon. What hub-canon accepts must come out in
its one spelling, unchanged by a second pass."""
import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

from jsonschema import Draft202012Validator, FormatChecker

MOST = 2**53 - 1
EXPONENT = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
COUNTRIES = ["DE", "US", "JP"]
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
random = random.Random(20260501)


# ---- formats: the texts that may come in ----

def is_date(text):
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if not found:
        return False
    year, month, day = map(int, found.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def is_time(text):
    found = re.fullmatch(r"(.{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?(Z|[+-]([0-9]{2}):([0-9]{2}))", text)
    return bool(found) and is_date(found[1]) and int(found[2]) < 24 and int(found[3]) < 60 and int(found[4]) < 60 and \
        (found[6] == "Z" or (int(found[7]) < 24 and int(found[8]) < 60))


def is_gtin(text):
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", text):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text))) % 10 == 0


FORMATS = {
    "decimal": lambda text: DECIMAL.fullmatch(text) is not None,
    "money": lambda text: DECIMAL.fullmatch(text) is not None,
    "currency": lambda text: text in EXPONENT,
    "country": lambda text: text in COUNTRIES,
    "phone": lambda text: re.fullmatch(r"\+[1-9][0-9]{6,14}", text) is not None,
    "gtin": is_gtin,
    "email": lambda text: re.fullmatch(r"[a-z.]+@([a-zA-Z]+\.)*[a-zA-Z]+", text) is not None,
    "date": is_date,
    "date-time": is_time,
    "uri": lambda text: re.fullmatch(r"[a-z]+:[A-Za-z0-9/.?=-]*", text) is not None,
}
RESPELLED = {"decimal", "email", "date-time"}
TEXTS = {
    "decimal": ["0", "1", "-3", "12.50", "00.10", "-0", "100000000000000000000.000000001", "1,5", "", "1.", ".", "1e3", "--1", " 1", "x"],
    "money": ["0", "1", "-3", "12.50", "7.1", "19.900", "1.001", "-0.00", "3.0000", "0.0001", "1,5", "", "EUR 3"],
    "currency": ["EUR", "USD", "JPY", "KWD", "eur", "EURO", "", "XX"],
    "country": ["DE", "US", "JP", "de", "DEU", "", "QQ"],
    "phone": ["+14165550123", "+493012345", "4165550123", "+0123456789", "+1 416 555", "", "+2901234", "+290123", "+1",
              "+123456789012345", "+1234567890123456"],
    "gtin": ["4006381333931", "036000291452", "96385074", "4006381333932", "123", "", "400638133393a"],
    "email": ["ann@example.com", "a.b@Mail.Example.ORG", "ann@example", "a..b@example.com", "@example.com", "ann", "", "a@b..c", "a b@c"],
    "date": ["2026-05-01", "2024-02-29", "2026-02-29", "2026-13-01", "26-05-01", "", "2026-05-01T00:00:00Z"],
    "date-time": ["2026-05-01T10:00:00Z", "2026-05-01T10:00:00.500+02:00", "2026-02-30T10:00:00Z", "2026-05-01", "", "2026-05-01T25:00:00Z",
                  "2026-05-01T10:00:00", "2026-05-01 10:00:00Z", "2026-06-30T23:59:60Z", "2026-05-01T10:00:00.1234567891Z"],
    "uri": ["https://example.com/a?b=c", "mailto:a", "no uri", "", "/relative", "https://a/[b]", "https://a/%2", "https://a/\u0001", "a:b#c#d"],
}


# ---- what JSON Schema does not say ----

def resolved(schema, root):
    """SCHEMA with what it refers to, narrowed by the type beside the reference."""
    while "$ref" in schema:
        target = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def holds_beyond(value, schema, root, record, currency=None):
    """Money by its currency, and integers of at most 2^53-1 as the only numbers."""
    schema = resolved(schema, root)
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) > MOST):
        return False
    if isinstance(value, dict):
        place = schema.get("x-currency")
        if place:
            currency = record.get(place[1:]) if place.startswith("/") else value.get(place)
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        return all(holds_beyond(member, properties.get(key, rest if isinstance(rest, dict) else {}), root, record, currency)
                   for key, member in value.items())
    if isinstance(value, list):
        return all(holds_beyond(item, schema.get("items", {}), root, record, currency) for item in value)
    if schema.get("format") == "money" and isinstance(value, str):
        places = len(value.partition(".")[2].rstrip("0"))
        return currency in EXPONENT and places <= EXPONENT[currency]
    return True


def sums_to_zero(entity, data):
    return entity != "journal_entry" or sum(Decimal(line["amount"]) for line in data["lines"]) == 0


# ---- records ----

def some_text():
    return random.choice(["", "a", "B", "é", "日本", "😀x", "\\\"/\n\u0001", "abcdefgh", "unknown", "1", "true"])


def any_value(depth=2):
    kinds = [None, True, False, 0, 1, -7, MOST, MOST + 1, 1.5, some_text()]
    if depth > 0:
        kinds += [[any_value(depth - 1) for _ in range(random.randrange(3))],
                  {some_text(): any_value(depth - 1) for _ in range(random.randrange(3))}]
    return random.choice(kinds)


def good_text(schema):
    name = schema.get("format")
    if name:
        return random.choice([text for text in TEXTS[name] if FORMATS[name](text)] or [""])
    return some_text() + "x" * schema.get("minLength", 0)


def make(schema, root, good, depth=4):
    """A value for SCHEMA: with probability GOOD at each place one that fits."""
    schema = resolved(schema, root)
    if random.random() > good or depth < 0:
        return any_value() if random.random() < 0.5 or "format" not in schema else random.choice(TEXTS[schema["format"]])
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return random.choice(schema["enum"])
    types = schema.get("type", ["string", "integer", "boolean", "null"])
    kind = random.choice([types] if isinstance(types, str) else types)
    if kind == "null" or depth == 0 and kind in ("object", "array") and "null" in types:
        return None
    if kind == "boolean":
        return random.random() < 0.5
    if kind == "integer":
        return random.choice([schema.get("minimum", 0), schema.get("maximum", 3)])
    if kind == "string":
        return good_text(schema)
    if kind == "array":
        count = max(schema.get("minItems", 0), random.randrange(3))
        return [make(schema.get("items", {}), root, good, depth - 1) for _ in range(min(count, schema.get("maxItems", 99)))]
    required = schema.get("required", [])
    made = {key: make(inner, root, good, depth - 1) for key, inner in schema.get("properties", {}).items()
            if random.random() < (0.97 if key in required else 0.4)}
    if random.random() > good:
        made[some_text()] = any_value()
    return made


def balance(data):
    """Most journals sum to zero, so that what else is wrong with some is seen."""
    try:
        rest = -sum(Decimal(line["amount"]) for line in data["lines"])
        data["lines"].append({"account": "balance", "amount": format(rest, "f")})
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        pass


# ---- judgement ----

def judge(entity, schema, datas):
    """Which of DATAS, records of ENTITY, hold: by JSON Schema and what is said above."""
    checker = FormatChecker(formats=())
    for name, test in FORMATS.items():
        checker.checks(name)(lambda value, test=test: not isinstance(value, str) or test(value))
    validator = Draft202012Validator(schema, format_checker=checker)
    return [validator.is_valid(data) and holds_beyond(data, schema, schema, data) and sums_to_zero(entity, data) for data in datas]


def canon(entity, lines, folder):
    rejects = os.path.join(folder, "rejects")
    if os.path.exists(rejects):
        os.unlink(rejects)
    run = subprocess.run(["hub-canon", "-r", rejects], input="".join(lines), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"hub-canon ended with {run.returncode} on {entity}: {run.stderr}")
    return run.stdout.splitlines(keepends=True), rejects


def compare(entity, schema, datas, folder):
    """Prints where the two differ; how often they do, and how many records held."""
    lines = [json.dumps({"data": data, "entity": entity, "id": str(i), "source": "t", "v": 1}) + "\n" for i, data in enumerate(datas)]
    out, rejects = canon(entity, lines, folder)
    accepted = {int(json.loads(line)["id"]) for line in out}
    reasons = {}
    if os.path.exists(rejects):
        with open(rejects, encoding="utf-8") as file:
            for line in file:
                reject = json.loads(line)
                record = reject["record"]
                reasons[int(record["id"] if isinstance(record, dict) else json.loads(record)["id"])] = reject["error"]
    faults = 0
    for i, holds in enumerate(judge(entity, schema, datas)):
        if holds != (i in accepted):
            faults += 1
            if faults <= 5:
                print(f"{entity}: {'refused' if holds else 'accepted'}: {lines[i]}  by {json.dumps(schema)[:400]}\n  {reasons.get(i)}")
    again, _ = canon(entity, out, folder)
    if again != out:
        faults += 1
        print(f"{entity}: a second pass changes what the first one gave:")
        print("".join(a + b for a, b in zip(out, again) if a != b)[:2000])
    if len(accepted) + len(reasons) != len(datas):
        faults += 1
        print(f"{entity}: {len(datas)} records in, {len(accepted)} taken, {len(reasons)} refused")
    return faults, len(accepted)


# ---- the two kinds of schemas ----

def read_schema(folder, name):
    """The schema of a file, with those that it refers to under $defs."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        root = json.load(file)
    defs = root.setdefault("$defs", {})

    def bind(node):
        if isinstance(node, dict):
            other = node.get("$ref", "")
            if other.endswith(".json"):
                node["$ref"] = "#/$defs/" + other
                if other not in defs:
                    defs[other] = None
                    with open(os.path.join(folder, other), encoding="utf-8") as file:
                        defs[other] = json.load(file)
                    defs[other].pop("$id", None)
                    bind(defs[other])
        for inner in list(node.values() if isinstance(node, dict) else node if isinstance(node, list) else []):
            bind(inner)

    root.pop("$id", None)
    bind(root)
    return root


def shipped(cases, folder):
    schemas = os.path.join(os.environ["HUB_PATH"], "schema")
    total = 0
    for name in sorted(os.listdir(schemas)):
        schema = read_schema(schemas, name)
        if "x-version" not in schema:
            continue
        entity = name.removesuffix(".json")
        datas = [make(schema, schema, random.choice([0.9, 0.99, 0.997, 1])) for _ in range(cases)]
        datas = [data if isinstance(data, dict) else {} for data in datas]
        for data in datas:
            if entity == "journal_entry" and random.random() < 0.8:
                balance(data)
        faults, held = compare(entity, schema, datas, folder)
        total += faults
        if not cases / 10 < held < cases * 0.95:
            total += 1
            print(f"{entity}: {held} of {cases} records hold: too few or too many for a test")
    return total


def some_schema(depth):
    schema = {}
    kinds = ["null", "boolean", "integer", "string", "array", "object"]
    if random.random() < 0.85:
        schema["type"] = random.choice(kinds) if random.random() < 0.5 else random.sample(kinds, random.randrange(1, 4))
    if random.random() < 0.2:
        schema["enum"] = [random.choice([None, True, 0, 1, -7, "a", "é", "unknown"]) for _ in range(random.randrange(1, 5))]
        schema["enum"] = [value for i, value in enumerate(schema["enum"])
                          if not any(type(value) is type(other) and value == other for other in schema["enum"][:i])]
    elif random.random() < 0.05:
        schema["const"] = random.choice([None, False, 3, "B"])
    for low, high in (("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum")):
        if random.random() < 0.3:
            schema[low] = random.randrange(3)
        if random.random() < 0.3:
            schema[high] = random.randrange(1, 5)
    # Lengths and lists hold of the one spelling, and the independent validator sees only what came in.
    if random.random() < 0.25:
        names = RESPELLED if not {"minLength", "maxLength", "enum", "const"} & schema.keys() else set()
        schema["format"] = random.choice(sorted(FORMATS.keys() - {"money"} - (RESPELLED - names)))
    if depth > 0 and random.random() < 0.5:
        schema["items"] = some_schema(depth - 1) if random.random() < 0.8 else some_reference()
    if depth > 0 and random.random() < 0.6:
        schema.update(some_object(depth))
    return schema


def some_object(depth):
    names = random.sample(["a", "b", "é", "A", "long name", "_", "0", "\ue000", "😀", "b/c~d"], random.randrange(1, 5))
    made = {"properties": {name: some_schema(depth - 1) if random.random() < 0.8 else some_reference() for name in names}}
    if random.random() < 0.5:
        made["required"] = random.sample(names, random.randrange(len(names) + 1))
    if random.random() < 0.6:
        made["additionalProperties"] = random.choice([False, True, some_schema(0), some_reference()])
    if random.random() < 0.2:
        made["title"], made["description"] = "a title", "of what it is"
    return made


def some_reference():
    """What is beside it narrows it. The second refers to itself, within."""
    made = {"$ref": random.choice(["#/$defs/d", "#/$defs/list"])}
    if random.random() < 0.4:
        made["type"] = random.choice(["object", "string", ["string", "null"], ["array", "object", "null"]])
    return made


def generated(cases, folder):
    total = 0
    schemas = os.path.join(folder, "schema")
    os.mkdir(schemas)
    os.environ["HUB_PATH"] = folder + ":" + os.environ["HUB_PATH"]
    for i in range(cases):
        schema = {"type": "object", **some_object(3), "$defs": {"d": some_schema(1), "list": {"type": ["array", "null", "integer"], "items": {"$ref": "#/$defs/list"}}}}
        entity = f"made{i}"
        with open(os.path.join(schemas, entity + ".json"), "w", encoding="utf-8") as file:
            json.dump(schema, file)
        datas = [make(schema, schema, random.choice([0.6, 0.9, 1])) for _ in range(60)]
        datas = [copy.deepcopy(data) if isinstance(data, dict) else {} for data in datas]
        total += compare(entity, schema, datas, folder)[0]
    return total


with tempfile.TemporaryDirectory() as scratch:
    which, number = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    wrong = shipped(number or 2000, scratch) if which == "shipped" else generated(number or 150, scratch)
    print("they differ" if wrong else "they agree")
    sys.exit(wrong > 0)
