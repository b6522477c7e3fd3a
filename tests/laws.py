#!/usr/bin/env python3
"""laws.py NAME [-k KEY] OPTION... < NATIVE: what a map reads, writes and reads again is what it read first, over records mutated at random.

Values are changed (not those of KEY), keys dropped and added, items of lists dropped and repeated. The options are those of hub-canon that choose the map.
What may differ is what the records as they came lose already (fields that are only read), and what a mutation made refused is set aside."""
import copy
import json
import random
import subprocess
import sys

ROUNDS = 400
VALUES = ["", " ", "0", "-0", "1", "-1.50", "00123", "1e3", "19.999", "true", "n/a", "null", "Ann", " ann ", "a, b", "a,b;c|d", "é\u2028ü", '"{x}"',
          "2026-02-30", "2026-05-01", "2026-05-01T22:10:00-04:00", "05/13/2026", "ann@Example.COM", "+1 416 555 0123", "USD", "jpy", "DE", "Germany",
          0, 1, -7, 1500, 1.25, True, False, None, [], {}, ["x"], [None], {"id": "7"}, {"hub:ref": {"entity": "customer", "id": "7", "source": "s"}}]


def places(value):
    """Each (container, key) below VALUE."""
    found = []
    for key in (list(value) if isinstance(value, dict) else range(len(value))):
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            found += places(value[key])
    return found


def some_value(pool):
    return copy.deepcopy(random.choice(VALUES if random.random() < 0.5 else pool))


def mutate(data, pool, kept):
    for _ in range(random.choice([1, 1, 2, 4])):
        all_places = places(data)
        if not all_places:
            break
        where, key = random.choice(all_places)
        if key == kept:
            continue
        kind = random.random()
        if kind < 0.5:
            where[key] = some_value(pool)
        elif kind < 0.75:
            del where[key]
        elif isinstance(where, list):
            where.insert(key, copy.deepcopy(where[key]))
        else:
            where["unknown %d" % random.randrange(3)] = some_value(pool)


def tested(records, options):
    """The fields that are lost, each with its example."""
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    ran = subprocess.run(["hub-canon", "-t", "--json", "-r", "laws.rejects", *options], input=text, capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        sys.exit(ran.stderr)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    taken = sum(said[-1]["records"].values())
    return {line["field"]: line["example"] for line in said if line.get("lost")}, taken


def main():
    name, kept, options = sys.argv[1], None, sys.argv[2:]
    if options[0] == "-k":
        kept, options = options[1], options[2:]
    random.seed(name)
    given = [json.loads(line) for line in sys.stdin]
    for record in given:
        record.pop("from", None)  # places are lines of the input, then
    pool = [where[key] for r in given for where, key in places(r["data"])]
    before, taken = tested(given, options)
    mutated = []
    for i in range(ROUNDS):
        record = copy.deepcopy(given[i % len(given)])
        mutate(record["data"], pool, kept)
        mutated.append(record)
    lost, taken = tested(mutated, options)
    wrong = {field: example for field, example in lost.items() if field not in before}
    for field, example in wrong.items():
        line = int(example.split(":")[1])
        print(f"{field}: {example}\n  {json.dumps(mutated[line - 1], ensure_ascii=False)}")
    if wrong or taken == 0:
        sys.exit(f"{name}: {len(wrong)} fields are lost, {taken} of {ROUNDS} records taken")
    print(f"{name}: {taken} of {ROUNDS} taken, and read again as they were read first")


main()
