#!/usr/bin/env python3
"""lists.py [MAPS]: what maps of lists read, write and read again is what they read first.

Maps are put together at random of rules that make, merge and place items; records for them are generated with lists that are absent,
null, empty, of one value and of several, of items that lack this or that. What is refused is set aside."""
import json
import random
import subprocess
import sys

RECORDS = 40
RULES = ["l[] = .a[] { x = .x }", "l[] = .b[] { y = .y }", "l[].k = .c[]", "l[].j = .d[].v", "l[].q = .c[].q", "l[0].z = .z", "l[0] = .o { p = .p }",
         "l[] = .a[] { w[] = .w[] }", "l[] = .a[] when has(.x) { u = .x }", "t[] = .t | split(\",\")", "t[] = .u[]", "o = .oo { l[] = .e[] }",
         "m[] = .l[] { n[] = .n[] { s = .s } }", "g = .pairs[.k == \"g\"].v", "h[0] = .z; h[1] = .t", "r = .r[*].c; s[] = .r[] { d = .d }"]
random = random.Random(20261129)


def text():
    return random.choice(["1", "2", "", None, "a,b"])


def some(make, most):
    return [make() for _ in range(random.randrange(most))]


def item():
    kind = random.random()
    if kind < 0.25:
        return text()
    made = {key: text() if random.random() < 0.8 else [text()] for key in random.sample("xyvqskdc", random.randrange(4))}
    if kind < 0.5:
        made["w"] = some(text, 3)
    elif kind < 0.75:
        made["n"] = some(lambda: random.choice([{}, {"s": text()}]), 3)
    return made


def native():
    made = {key: random.choice([None, [], some(item, 5), some(text, 4), item()]) for key in "abcdluer" if random.random() < 0.7}
    made |= {key: text() for key in "zt" if random.random() < 0.6}
    made["o"] = random.choice([None, {}, {"p": text()}])
    made["oo"] = random.choice([None, {}, {"e": None}, {"e": []}, {"e": [text()]}])
    made["pairs"] = random.choice([None, [], [{"k": "g", "v": text()}], [{"k": "h", "v": "1"}]])
    return made


def canon(lines, *options):
    """The data of what comes out, by id; None where the map itself is refused."""
    ran = subprocess.run(["hub-canon", "-m", "lists.map", "-r", "lists.rejects", *options], input="".join(lines), capture_output=True, text=True)
    if ran.returncode not in (0, 1, 2):
        sys.exit(f"hub-canon ended with {ran.returncode}: {ran.stderr}")
    if ran.returncode == 2:
        return None
    return {json.loads(line)["id"]: line for line in ran.stdout.splitlines(keepends=True)}


def data(line):
    return json.loads(line)["data"]


def main():
    held = differ = 0
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 150):
        rules = "; ".join(random.sample(RULES, random.randrange(1, 4)))
        with open("lists.map", "w", encoding="utf-8") as file:
            file.write(f"map thing <-> t:t {{ {rules} }}\n")
        given = {str(i): json.dumps({"data": native(), "id": str(i), "source": "t", "stream": "t:t"}) + "\n" for i in range(RECORDS)}
        read = canon(given.values())
        if read is None:
            continue
        written = canon(read.values(), "-R", "-s", "t:t")
        if written is None:
            sys.exit(f"a map that is read, and not written: {rules}")
        again = canon(written.values())
        for name, line in written.items():
            held += 1
            if name not in again or data(again[name]) != data(read[name]):
                differ += 1
                print(f"{rules}\n  native {data(given[name])}\n  read {data(read[name])}\n  written {data(line)}\n  again {again.get(name)}")
    print(f"{held} records hold" if differ == 0 else f"{differ} of {held} records differ")
    sys.exit(differ > 0 or held < RECORDS)


main()
