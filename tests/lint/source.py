"""What the checks of this folder that read C have in common."""
import glob
import re

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(*patterns):
    return sorted(name for pattern in patterns for name in glob.glob(pattern))


def text(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def code(name):
    """The text without comments, and with empty strings, line by line as it was."""
    def blank(match):
        found = match.group()
        return '""' if found[0] == '"' else "''" if found[0] == "'" else " " + "\n" * found.count("\n")
    return TOKEN.sub(blank, text(name))
