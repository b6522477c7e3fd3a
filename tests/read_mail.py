#!/usr/bin/env python3
"""A mail as Python's own reader understands it, as JSON: read_mail.py < MESSAGE. Its defects are told, too."""
import email.policy
import email.utils
import json
import sys
from email.header import decode_header, make_header

raw = sys.stdin.buffer.read()
mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
lines = raw.split(b"\r\n")
defects = [type(d).__name__ for part in mail.walk() for d in part.defects]
defects += [f"{name}: {type(d).__name__}" for name, value in mail.items() for d in value.defects]
defects += ["a bare line end"] * any(b"\r" in line or b"\n" in line for line in lines)
defects += ["a long line"] * any(len(line) > 78 for line in lines)
defects += ["not ASCII"] * any(byte > 126 for byte in raw)


def boxes(name):
    """Names by the older of Python's two readers: the newer one keeps blanks between encoded words (RFC 2047 6.2)."""
    if not mail[name]:
        return []
    found = email.utils.getaddresses([email.message_from_bytes(raw)[name].replace("\r\n", "")])
    if [address for _, address in found] != [box.addr_spec for box in mail[name].addresses]:
        return ["the two readers differ"]
    return [f"{make_header(decode_header(text))}|{address}" for text, address in found]


def content(part):
    got = part.get_content()
    return got.replace("\r\n", "\n") if isinstance(got, str) else got.decode("latin-1")


print(json.dumps({
    "from": boxes("From"), "to": boxes("To"), "reply": boxes("Reply-To"), "subject": mail["Subject"], "id": mail["Message-ID"],
    "date": mail["Date"].datetime.isoformat(), "headers": mail.keys(),
    "parts": [[part.get_content_type(), part.get_filename(), content(part)] for part in mail.walk() if not part.is_multipart()],
    "shape": [part.get_content_type() for part in mail.walk()], "defects": defects}, ensure_ascii=False))
