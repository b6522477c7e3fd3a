#!/usr/bin/env python3
"""What hub-log --html shows, as a browser understood it.

    page.py agrees DOM JSON     whether its tables and drawings say what the lines of hub-log --json say: each difference is printed
    page.py texts DOM           all its text, a line for each element that has some
    page.py contrast DOM        each colour of text on a ground that it does not stand out from (WCAG 2.2, AA), in either scheme"""
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """tables: {section: [[cell, …], …]} of the bodies; a cell is its text, a time in it is its datetime, and how long ago is left out."""

    def __init__(self, text):
        super().__init__()
        self.open, self.section, self.flow, self.tables, self.bars, self.texts, self.style, self.tiles = [], "", "", {}, {}, [], "", {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append((tag, attrs))
        if tag == "section":
            self.section = attrs["id"]
        elif tag == "h3":
            self.flow = ""
        elif tag == "tr":
            self.rows().append([])
        elif tag in ("th", "td"):
            self.rows()[-1].append("")
        elif tag == "a" and "href" in attrs:
            self.tile = attrs["href"].lstrip("#")
        elif tag == "rect" and attrs.get("class") in ("in", "out", "refused", "failed"):
            self.bars.setdefault(self.flow, {}).setdefault(self.day, {})[attrs["class"]] = int(attrs["height"])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def inside(self, tag, **wanted):
        return any(t == tag and all(a.get(k) == v for k, v in wanted.items()) for t, a in self.open)

    def rows(self):
        return self.tables.setdefault((self.section, self.flow) if self.section == "days" else self.section, [])

    def handle_data(self, data):
        if self.inside("style"):
            self.style += data
            return
        if data.strip():
            self.texts.append(data.strip())
        if self.inside("h3"):
            self.flow += data
        elif self.inside("title") and self.inside("g"):
            self.day = data.split(":")[0]
            self.bars.setdefault(self.flow, {}).setdefault(self.day, {}).setdefault("titles", []).append(data.split(": ", 1)[1])
        elif self.inside("strong") and self.inside("nav"):
            self.tiles[self.tile] = self.tiles.get(self.tile, "") + data
        elif (self.inside("td") or self.inside("th")) and self.rows() and self.rows()[-1] and not self.inside("span", **{"class": "ago"}):
            time = next((a.get("datetime") for t, a in self.open if t == "time"), None)
            self.rows()[-1][-1] += (f" {time} " if time else data) if not self.inside("p") else " " + (f" {time} " if time else data)

    def body(self, key):
        """Rows of numbers as numbers are; a section without a table has none."""
        return [[" ".join(cell.replace("\u202f", "").split()) for cell in row] for row in self.tables.get(key, [])][1:]


def clean(text):
    """As the tools show it: what is obeyed instead of shown, byte by byte."""
    def shown(found):
        return "".join(f"\\x{b:02X}" for b in found[0].encode())
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown, text).split())


def example(line):
    words = [line.get("entity", "a record"), line.get("name"), "of " + line["source"] if "source" in line else None, line.get("from")]
    return clean(" ".join(w for w in words if w)) + " " + line["first"]


ENDED = {0: "all is well", 1: "complete, but some was refused", 75: "has to be tried again", None: "it still runs"}


def wanted(lines):
    """What the tables should hold, by the same keys."""
    tables = {key: [] for key in ("flows", "behind", "refused", "warnings", "held", "read")}
    for line in lines:
        if "flow" in line:
            how = (ENDED.get(line.get("status"), "failed") + " " + clean(line.get("why", ""))).strip()
            tables["flows"].append([clean(line["flow"]), how, line["at"], line["in"], line["out"], line["refused"]])
        elif "day" in line:
            day = [line[k] for k in ("day", "runs", "failed", "in", "out", "refused")]
            tables.setdefault(("days", clean(line["runs_of"])), []).insert(0, day)
        elif "lacks" in line:
            numbers = [line[k] for k in ("lacks", "refused", "parked", "held", "pending")]
            state = "in sync" if not line["lacks"] else "some set aside" if line["parked"] else "some refused" if line["refused"] else "behind"
            tables["behind"].append([clean(line["target"]), clean(line["entity"]), state, *numbers, line.get("at", "never")])
        elif "by" in line:
            why = clean(line.get("field", line["code"]) + " " + line["message"])
            tables["refused"].append([why, line["count"], line["state"] + " by " + clean(line["by"]), example(line), line["last"]])
        elif "check" in line:
            tables["warnings"].append([clean(line["check"]), line["count"], clean(line["tool"]), example(line), line["last"]])
        elif "checkpoint" in line:
            point = json.dumps(line["checkpoint"], ensure_ascii=False, separators=(",", ":"))
            tables["read"].append([clean(line["source"]), clean(line["stream"]), clean(point), line["at"]])
        else:
            tables["held"].append([clean(line["entity"]), line["records"], line["deleted"], line["at"]])
    return {key: [[str(cell) for cell in row] for row in rows] for key, rows in tables.items()}


def drawn(day, most_of_volume, most_refused):
    """What is drawn of a day: the heights of its bars, of 80, and what they say when they are pointed at."""
    _, runs, failed, came, went, refused = [int(n) if n.isdigit() else n for n in day]
    bars = {}
    for name, n, most in (("in", came, most_of_volume), ("out", went, most_of_volume), ("refused", refused, most_refused)):
        if n:
            bars[name] = max(n * 80 // most, 2)
    if failed:
        bars["failed"] = 16
    times = f"{runs} run" + "s" * (runs != 1)
    bars["titles"] = [f"{times}, {came} in, {went} out", f"{times}, {failed} failed, {refused} refused"]
    return bars


def agrees(page, lines):
    faults, tables = [], wanted(lines)
    for key in set(tables) | {k for k in page.tables if page.body(k)}:
        # The state of a flow has no number of its own; how long it took is told in words.
        found = [row[:3] + row[4:] if key == "flows" else row for row in page.body(key)]
        if found != tables.get(key, []):
            faults.append(f"{key}: the page has\n  {found}\nand --json says\n  {tables.get(key)}")
    for key, days in tables.items():
        if key[0] != "days":
            continue
        bars = {day: {k: [t.replace("\u202f", "") for t in v] if k == "titles" else v for k, v in b.items()}
                for day, b in page.bars[key[1]].items() if b["titles"] != ["no run", "no run"]}
        most = max(max(int(d[3]), int(d[4])) for d in days), max(int(d[5]) for d in days)
        if bars != {d[0]: drawn(d, *most) for d in days} or len(page.bars[key[1]]) != 30:
            faults.append(f"{key[1]}: drawn is {bars}, and --json says {days}")
    tiles = {"flows": len(tables["flows"])} | {k: sum(int(row[c]) for row in tables[k]) for k, c in (("behind", 3), ("refused", 1), ("warnings", 1))}
    if {k: int(v.replace("\u202f", "")) for k, v in page.tiles.items()} != tiles:
        faults.append(f"at the top stands {page.tiles}, and --json says {tiles}")
    return faults


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(page):
    schemes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", found)) for found in re.findall(r":root \{(.*?)\}", page.style, re.S)]
    grounds = {"ink": "paper card hover idle-tint", "soft": "paper card hover", "link": "card", "good": "card good-tint",
               "warn": "card warn-tint", "bad": "card bad-tint", "in": "card", "out": "card", "refused": "card", "ran": "card"}
    assert len(schemes) == 2
    for scheme in schemes:
        for colour, on in ((c, on) for c, all_on in grounds.items() for on in all_on.split()):
            high, low = sorted((luminance(scheme[colour]), luminance(scheme[on])), reverse=True)
            if (high + 0.05) / (low + 0.05) < (3 if colour in ("in", "out", "refused", "ran") else 4.5):
                yield f"{colour} {scheme[colour]} on {on} {scheme[on]}"


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        page = Page(file.read())
    if sys.argv[1] == "texts":
        print("\n".join(page.texts))
        return 0
    if sys.argv[1] == "contrast":
        faults = list(contrast(page))
    else:
        with open(sys.argv[3], encoding="utf-8") as file:
            faults = agrees(page, [json.loads(line) for line in file])
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
