#!/usr/bin/env python3
"""Makes samples/: invented exports in the exact shape that the real systems write, the same on every run.

    tests/samples.py [FOLDER]            write them (samples)
    tests/samples.py --check [FOLDER]    say what differs from what would be written, and what does not add up; exit 1 if anything does

samples/README.md tells what is in them.
"""
import csv
import io
import os
import random
import sys
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal

SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,\
Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,\
Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,\
Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,\
Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,\
Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,\
Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,\
Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References""".split(",")
ITEMS = """Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,\
Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name,\
Customer Reference ID,Unit,Count,GTIN,Itemization Type,Commission,Employee,Fulfillment Note,Channel,Token,Card Brand,\
PAN Suffix""".split(",")
TRANSACTIONS = """Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,\
Total Collected,Source,Card,Card Entry Methods,Cash,Square Gift Card,Other Tender,Other Tender Type,Tender Note,Fees,Net Total,\
Transaction ID,Payment ID,Card Brand,PAN Suffix,Device Name,Staff Name,Staff ID,Details,Description,Event Type,Location,\
Dining Option,Customer ID,Customer Name,Customer Reference ID,Device Nickname,Third Party Fees,Deposit ID,Deposit Date,\
Deposit Details,Fee Percentage Rate,Fee Fixed Rate,Refund Reason,Discount Name,Transaction Status,Cash App,Order Reference ID,\
Fulfillment Note,Free Processing Applied,Channel,Unattributed Tips,Table Info,International Fee""".split(",")

# What both the shop and the till sell: SKU, title, variant, cents, cents before a reduction, category, maker, is shipped and taxed.
GOODS = [
    ("MUG-BLU", "Speckled Mug", "Blue", 1800, 0, "Kitchen", "Potter & Daughters", True),
    ("MUG-SND", "Speckled Mug", "Sand", 1800, 0, "Kitchen", "Potter & Daughters", True),
    ("PRT-FERN", "Fern Print", "A3", 2450, 0, "Paper", "Paper Meadow", True),
    ("PST-1218", 'Map Poster 12" x 18"', "", 3200, 3900, "Paper", "Paper Meadow", True),
    ("NTB-A5", "Notebook A5, dotted", "", 1250, 0, "Paper", "Paper Meadow", True),
    ("TEE-M", "Harbor T-Shirt", "M", 2800, 0, "Clothing", "Dockside", True),
    ("TEE-L", "Harbor T-Shirt", "L", 2800, 0, "Clothing", "Dockside", True),
    ("SCF-WOOL", "Jämtland Scarf", "", 6495, 7900, "Clothing", "Dockside", True),
    ("CAN-SOY", "Soy Candle, café crème", "", 2199, 0, "Home", "Lumen", True),
    ("LMP-OAK", "Oak Lamp", "", 14900, 0, "Home", "Lumen", True),
    ("KTL-STL", "Kettle, steel", "", 7950, 0, "Kitchen", "Potter & Daughters", True),
    ("TEA-EARL", "Earl Grey, 100 g", "", 895, 0, "Food", "Leaf Street", True),
    ("TBL-OAK", "Oak Table", "", 128000, 0, "Home", "Lumen", True),
    ("", "Gift wrapping", "", 450, 0, "Service", "Harbor Goods", False),
]
GOODS_OFTEN = list(range(12)) * 6 + [12] + [13] * 6

# Town, ZIP, code and name of the state, and its taxes in hundredths of a percent.
TOWNS = [
    ("Brooklyn", "11201", "NY", "New York", [("New York State Tax", 400), ("City Tax", 450)]),
    ("New York", "10003", "NY", "New York", [("New York State Tax", 400), ("City Tax", 450)]),
    ("Boston", "02108", "MA", "Massachusetts", [("Massachusetts State Tax", 625)]),
    ("Seattle", "98101", "WA", "Washington", [("Washington State Tax", 650), ("Seattle City Tax", 385)]),
    ("Oakland", "94607", "CA", "California", [("California State Tax", 725)]),
    ("Austin", "78701", "TX", "Texas", [("Texas State Tax", 625), ("Austin City Tax", 100)]),
    ("Newark", "07102", "NJ", "New Jersey", [("State Tax", 800)]),
    ("Portland", "97205", "OR", "Oregon", []),
]
ABROAD = [
    ("Kraków", "30-001", "PL", "ul. Świętego Jana"), ("Köln", "50667", "DE", "Große Budengasse"),
    ("Praha", "110 00", "CZ", "Náměstí Míru"), ("Leeds", "LS1 4AP", "GB", "Park Row"), ("Lyon", "69001", "FR", "Rue de l'Église"),
]
GIVEN = "Ada Björn Chloé Dmitri Eva Łukasz Maya Noor Olga Zoë Hannah Tomás Grace Jun Priya Samuel".split()
FAMILY = "Novák Smith Müller O'Brien García Lee Sørensen Tanaka Dvořák Jones Okafor Petit Kowalska Rossi".split()
STREETS = ["Main St", "Elm Ave", "High Street", "Atlantic Ave", "Harbor Rd", "Orchard Lane", "5th Ave"]
NOTES = ["Please leave it at the back door.\nThe dog is friendly.", "It's a gift, no invoice please", 'Ring "Lee", 2nd floor',
         "Přání k narozeninám:\n\nVšechno nejlepší!"]
TAGS = ["vip", "wholesale", "wholesale, vip", "gift", "first order, newsletter"]
TILLS = [("Brooklyn", "Eastern Time (US & Canada)", "Register 1", "Ana P.", 888),
         ("Portland", "Pacific Time (US & Canada)", "Counter", "Wes T.", 0)]


# Nothing but new orders, sales and the two changes happens later than this, so that little differs between the two days.
QUIET = datetime(2026, 5, 12, 22, 30)


class Dice:
    """The same throws on every version of Python: only random() is promised to stay."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def chance(self, percent):
        return self.below(100) < percent

    def letters(self, n, alphabet="abcdefghjkmnpqrstvwxyz0123456789"):
        return "".join(self.pick(alphabet) for _ in range(n))


def cents(n):
    return f"{'-' if n < 0 else ''}{abs(n) // 100}.{abs(n) % 100:02}"


def dollars(n):
    text = f"${abs(n) // 100:,}.{abs(n) % 100:02}"
    return f"({text})" if n < 0 else text


def part(amount, hundredths):
    """So many hundredths of a percent of it, half up."""
    return (amount * hundredths + 5000) // 10000


def percent(hundredths):
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "%"


def shares(total, weights):
    """TOTAL split by weight to the cent, so that it adds up: the largest remainders get what is left."""
    whole = sum(weights)
    given = [total * w // whole for w in weights]
    for i in sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))[: total - sum(given)]:
        given[i] += 1
    return given


def gtin(i):
    """With its check digit, out of the range that is kept for use within a shop."""
    digits = f"2000000{i:05}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits + str((10 - (odd + 3 * even) % 10) % 10)


# ---- the shop ----

def shop_time(t):
    return t.strftime("%Y-%m-%d %H:%M:%S -0400")


def shop_address(dice):
    """The columns of an address by their last word, and the taxes there."""
    name = f"{dice.pick(GIVEN)} {dice.pick(FAMILY)}"
    if dice.chance(12):
        town, code, country, street = dice.pick(ABROAD)
        province = province_name = phone = ""
        taxes = []
    else:
        town, code, province, province_name, taxes = dice.pick(TOWNS)
        street, country = dice.pick(STREETS), "US"
        phone = f"+1{dice.pick(['212', '617', '206', '510'])}55501{dice.below(100):02}" if dice.chance(60) else ""
    line1 = f"{1 + dice.below(300)} {street}"
    line2 = dice.pick(["Apt 4", "Floor 2", "Suite 310"]) if dice.chance(25) else ""
    company = dice.pick(["Harbor Café LLC", "Blue Door, Inc.", "Müller & Söhne"]) if dice.chance(10) else ""
    # The apostrophe keeps a spreadsheet from reading a number.
    return {"Name": name, "Street": f"{line1}, {line2}" if line2 else line1, "Address1": line1, "Address2": line2,
            "Company": company, "City": town, "Zip": "'" + code, "Province": province, "Country": country, "Phone": phone,
            "Province Name": province_name}, taxes


def shop_lines(dice):
    lines, seen = [], set()
    for _ in range(dice.pick([1, 1, 1, 2, 2, 3, 4])):
        good = GOODS[dice.pick(GOODS_OFTEN)]
        if good[1:3] not in seen:
            seen.add(good[1:3])
            lines.append((good, dice.pick([1, 1, 1, 2, 3])))
    return lines


def shop_order(dice, number, placed):
    """One order as the rows of the export."""
    address, taxes = shop_address(dice)
    elsewhere = shop_address(dice)[0] if dice.chance(8) else address
    lines = shop_lines(dice)
    gross = [good[3] * n for good, n in lines]
    code, off = dice.pick([("WELCOME10", 1000), ("SPRING15", 1500)]) if dice.chance(20) else ("", 0)
    discount = part(sum(gross), off)
    line_discounts = shares(discount, gross)
    subtotal = sum(gross) - discount
    ships = any(good[7] for good, _ in lines)
    method, shipping = ("", 0) if not ships else ("Standard", 0) if subtotal >= 10000 else dice.pick(
        [("Standard", 590), ("Standard", 590), ("Express", 1490)])
    if address["Country"] != "US" and ships:
        method, shipping = "International", 2450
    taxable = sum(g - d for (good, _), g, d in zip(lines, gross, line_discounts) if good[7])
    tax_lines = [(f"{name} {percent(rate)}", part(taxable, rate)) for name, rate in taxes if taxable]
    tax = sum(amount for _, amount in tax_lines)
    total = subtotal + shipping + tax

    old = placed + timedelta(days=3) < QUIET
    status = dice.pick(["paid"] * 16 + ["pending"] * 2 + ["authorized", "refunded", "partially_refunded", "voided"] * old)
    paid = placed + timedelta(seconds=2 + dice.below(50)) if status in ("paid", "refunded", "partially_refunded") else None
    fulfilled = placed + timedelta(hours=20 + dice.below(40)) if status == "paid" and old and dice.chance(80) else None
    cancelled = placed + timedelta(minutes=30 + dice.below(900)) if status in ("refunded", "voided") else None
    refunded = {"refunded": total, "partially_refunded": gross[0] - line_discounts[0]}.get(status, 0)
    mail = f"{address['Name'].split()[0].lower()}.{number}@example.com"
    mail = mail.translate(str.maketrans("öéłáë", "oelae"))
    reference = f"r{dice.letters(24)}.1" if paid else ""
    payment = dice.pick(["Shopify Payments", "Shopify Payments", "PayPal Express Checkout"]) if status != "pending" else "manual"
    balance = total if status in ("pending", "authorized") else 0

    first = {
        "Financial Status": status, "Paid at": shop_time(paid) if paid else "",
        "Fulfillment Status": "fulfilled" if fulfilled else "unfulfilled",
        "Fulfilled at": shop_time(fulfilled) if fulfilled else "", "Accepts Marketing": dice.pick(["yes", "no"]),
        "Currency": "USD", "Subtotal": cents(subtotal), "Shipping": cents(shipping), "Taxes": cents(tax), "Total": cents(total),
        "Discount Code": code, "Discount Amount": cents(discount), "Shipping Method": method,
        "Notes": dice.pick(NOTES) if dice.chance(15) else "",
        "Note Attributes": "gift: yes\ngift message: Happy birthday, Zoë!" if dice.chance(6) else "",
        "Cancelled at": shop_time(cancelled) if cancelled else "", "Payment Method": payment, "Payment Reference": reference,
        "Refunded Amount": cents(refunded), "Outstanding Balance": cents(balance), "Id": str(5900000000000 + number * 32768 + 17),
        "Tags": dice.pick(TAGS) if dice.chance(30) else "", "Risk Level": "Low", "Source": "web", "Phone": address["Phone"],
        "Payment ID": reference, "Payment References": reference,
    }
    first.update({f"Billing {k}": v for k, v in address.items()})
    first.update({f"Shipping {k}": v for k, v in elsewhere.items()} if ships else {})
    for i, (name, amount) in enumerate(tax_lines, 1):
        first[f"Tax {i} Name"], first[f"Tax {i} Value"] = name, cents(amount)
    rows = []
    for (good, quantity), line_discount in zip(lines, line_discounts):
        sku, title, variant, price, before, _, vendor, real = good
        rows.append({
            **(first if not rows else {}), "Name": f"#{number}", "Email": mail, "Created at": shop_time(placed),
            "Lineitem quantity": str(quantity), "Lineitem name": f"{title} - {variant}" if variant else title,
            "Lineitem price": cents(price), "Lineitem compare at price": cents(before) if before else "", "Lineitem sku": sku,
            "Lineitem requires shipping": "true" if real else "false", "Lineitem taxable": "true" if real else "false",
            "Lineitem fulfillment status": "fulfilled" if fulfilled else "pending", "Vendor": vendor,
            "Lineitem discount": cents(line_discount),
        })
    return rows


def shop_orders():
    dice = Dice(20260514)
    placed, orders = datetime(2026, 4, 28, 8, 12, 40), []
    for number in range(1001, 1163):
        orders.append(shop_order(dice, number, placed))
        placed += timedelta(seconds=1500 + dice.below(13900))
    return orders


def pay(rows):
    when = shop_time(datetime(2026, 5, 14, 9, 41, 7))
    rows[0].update({"Financial Status": "paid", "Paid at": when, "Outstanding Balance": "0.00"})


def cancel(rows):
    rows[0].update({"Financial Status": "refunded", "Fulfillment Status": "unfulfilled", "Fulfilled at": "",
                    "Cancelled at": shop_time(datetime(2026, 5, 14, 10, 5, 52)), "Refunded Amount": rows[0]["Total"]})


def shop_states():
    """The shop yesterday and today: some orders are new, two have changed, and two of the new ones are broken."""
    new = 8
    yesterday = shop_orders()[:-new]
    today = shop_orders()
    pay(max((o for o in today[:-new] if o[0]["Financial Status"] == "pending"), key=lambda o: o[0]["Id"]))
    cancel(max((o for o in today[:-new] if o[0]["Financial Status"] == "paid" and not o[0]["Fulfilled at"]), key=lambda o: o[0]["Id"]))
    today[-3][0]["Total"] = "1.234,50"
    for row in today[-6]:
        row["Created at"] = "05/13/2026"
    return yesterday, today


# ---- the till ----

def till_lines(dice):
    lines = []
    for _ in range(dice.pick([1, 1, 2, 2, 3])):
        i = dice.pick(GOODS_OFTEN)
        lines.append((i, dice.pick([1, 1, 1, 2, 4])))
    return lines


def till_rows(dice, when, till, lines, event="Payment"):
    """The rows of the items file, and of the transactions file, that one sale or refund makes."""
    location, zone, device, staff, rate = till
    sign = -1 if event == "Refund" else 1
    off = 1000 if event == "Payment" and dice.chance(15) else 0
    card = dice.chance(75)
    brand, suffix = (dice.pick(["Visa", "MasterCard", "American Express"]), f"{dice.below(10000):04}") if card else ("", "")
    customer = (f"{dice.pick(GIVEN)} {dice.pick(FAMILY)}", dice.letters(26).upper()) if dice.chance(20) else ("", "")
    shared = {"Date": when.strftime("%Y-%m-%d"), "Time": when.strftime("%H:%M:%S"), "Time Zone": zone,
              "Transaction ID": dice.letters(22), "Payment ID": dice.letters(22), "Device Name": device, "Event Type": event,
              "Location": location, "Customer ID": customer[1], "Customer Name": customer[0], "Card Brand": brand,
              "PAN Suffix": suffix}
    shared["Details"] = f"https://app.example.com/sales/transactions/{shared['Transaction ID']}"
    items, gross_all, discount_all, tax_all = [], 0, 0, 0
    for i, quantity in lines:
        sku, title, variant, price, _, category, _, real = GOODS[i]
        gross = sign * price * quantity
        discount = -part(gross, off)
        tax = sign * part(abs(gross + discount), rate) if real else 0
        gross_all, discount_all, tax_all = gross_all + gross, discount_all + discount, tax_all + tax
        items.append({**shared, "Category": category, "Item": title, "Qty": f"{sign * quantity}.0",
                      "Price Point Name": variant or "Regular", "SKU": sku, "Gross Sales": dollars(gross),
                      "Discounts": dollars(discount), "Net Sales": dollars(gross + discount), "Tax": dollars(tax), "Unit": "ea",
                      "Count": str(sign * quantity), "GTIN": gtin(i) if sku else "", "Itemization Type": "Physical Good" if sku
                      else "Custom Amount", "Employee": staff, "Channel": location, "Token": f"ITEM{i:04}"})
    net = gross_all + discount_all
    tip = part(net, dice.pick([0, 0, 1000, 1500])) if event == "Payment" and card else 0
    collected = net + tax_all + tip
    fees = -(part(collected, 260) + 10) if card and event == "Payment" else 0
    zero = dollars(0)
    transaction = {
        **shared, "Gross Sales": dollars(gross_all), "Discounts": dollars(discount_all), "Service Charges": zero,
        "Net Sales": dollars(net), "Gift Card Sales": zero, "Tax": dollars(tax_all), "Tip": dollars(tip), "Partial Refunds": zero,
        "Total Collected": dollars(collected), "Source": "Register", "Card": dollars(collected if card else 0),
        "Card Entry Methods": dice.pick(["Tap", "Chip"]) if card else "", "Cash": dollars(0 if card else collected),
        "Square Gift Card": zero, "Other Tender": zero, "Fees": dollars(fees), "Net Total": dollars(collected + fees),
        "Staff Name": staff, "Staff ID": f"TM{location[:2].upper()}1",
        "Description": ", ".join(f"{GOODS[i][1]} x {n}" for i, n in lines), "Device Nickname": device, "Third Party Fees": zero,
        "Fee Percentage Rate": "2.6%" if fees else "", "Fee Fixed Rate": "$0.10" if fees else "",
        "Refund Reason": "Returned goods" if event == "Refund" else "", "Discount Name": "Neighbors 10%" if off else "",
        "Transaction Status": "Complete", "Cash App": zero, "Free Processing Applied": zero, "Channel": location,
        "Unattributed Tips": zero, "International Fee": zero,
    }
    return items, [transaction]


def till_sales():
    """Sales, and a few refunds a day or two after them, each a list of rows of items and a list of rows of transactions."""
    dice = Dice(20260515)
    when, sales = datetime(2026, 4, 25, 10, 4, 11), []
    refunds = []
    for n in range(60):
        till = dice.pick(TILLS + TILLS[:1])
        lines = till_lines(dice) if n != 30 else [(12, 1), (1, 2)]
        sales.append((when, till_rows(dice, when, till, lines)))
        if n in (11, 23, 40, 52):
            refunds.append((when + timedelta(hours=26), till, lines[:1]))
        when += timedelta(seconds=1200 + dice.below(13500))
        if when.hour < 10 or when.hour > 21:
            when = when.replace(hour=10 + dice.below(11)) + timedelta(days=1 if when.hour > 21 else 0)
    for at, till, lines in refunds:
        sales.append((at, till_rows(dice, at, till, lines, "Refund")))
    sales.sort(key=lambda sale: sale[0])
    return [rows for _, rows in sales]


# ---- files ----

def table(columns, records):
    """As both systems write it: the newest first, the rows of one together."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for rows in reversed(records):
        writer.writerows(rows)
    return out.getvalue().encode()


def zipped(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        entry = zipfile.ZipInfo(name, (2026, 5, 14, 12, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        z.writestr(entry, data)
    return out.getvalue()


def files():
    yesterday, today = shop_states()
    sales = till_sales()
    for folder, orders, sold in (("yesterday/", yesterday, sales[:-5]), ("", today, sales)):
        yield f"shopify/{folder}orders_export.zip", zipped("orders_export_1.csv", table(SHOPIFY, orders))
        yield f"square/{folder}items.csv", table(ITEMS, [items for items, _ in sold])
        yield f"square/{folder}transactions.csv", table(TRANSACTIONS, [transaction for _, transaction in sold])


# ---- the check: the files are read as a stranger would ----

def unzipped(data):
    """What is compressed; not the compressed bytes, which are the compressor's choice."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return [(e.filename, e.date_time, z.read(e)) for e in z.infolist()]


def money(text):
    text = text.replace("$", "").replace(",", "")
    return -Decimal(text[1:-1]) if text.startswith("(") else Decimal(text)


def grouped(data, key):
    groups = []
    for row in csv.DictReader(io.StringIO(data.decode())):
        if not groups or groups[-1][0][key] != row[key]:
            groups.append([])
        groups[-1].append(row)
    return groups


def crooked_order(rows):
    o = rows[0]
    gross = sum(int(r["Lineitem quantity"]) * Decimal(r["Lineitem price"]) for r in rows)
    try:
        datetime.strptime(o["Created at"], "%Y-%m-%d %H:%M:%S %z")
        total = Decimal(o["Total"])
    except (ValueError, ArithmeticError):
        return "broken"
    taxes = sum(Decimal(o[f"Tax {i} Value"] or 0) for i in range(1, 6))
    foots = (gross == Decimal(o["Subtotal"]) + Decimal(o["Discount Amount"])
             and total == Decimal(o["Subtotal"]) + Decimal(o["Shipping"]) + Decimal(o["Taxes"]) and taxes == Decimal(o["Taxes"])
             and sum(Decimal(r["Lineitem discount"]) for r in rows) == Decimal(o["Discount Amount"]))
    return "" if foots else "does not foot"


def crooked_sale(rows, transaction):
    sums = {c: sum(money(r[c]) for r in rows) for c in ("Gross Sales", "Discounts", "Net Sales", "Tax")}
    t = {c: money(transaction[c]) for c in (*sums, "Tip", "Total Collected", "Card", "Cash", "Fees", "Net Total")}
    foots = (all(sums[c] == t[c] for c in sums) and t["Net Sales"] == t["Gross Sales"] + t["Discounts"]
             and t["Total Collected"] == t["Net Sales"] + t["Tax"] + t["Tip"] == t["Card"] + t["Cash"]
             and t["Net Total"] == t["Total Collected"] + t["Fees"])
    return "" if foots else "does not foot"


def faults(found):
    for folder, broken in (("", 2), ("yesterday/", 0)):
        orders = grouped(unzipped(found[f"shopify/{folder}orders_export.zip"])[0][2], "Name")
        judged = [crooked_order(rows) for rows in orders]
        if judged.count("broken") != broken or judged.count("") + broken != len(orders):
            yield f"shopify/{folder}: {judged.count('broken')} broken orders, {judged.count('does not foot')} that do not foot"
        sales = grouped(found[f"square/{folder}items.csv"], "Transaction ID")
        transactions = grouped(found[f"square/{folder}transactions.csv"], "Transaction ID")
        if len(sales) != len(transactions) or any(crooked_sale(s, t[0]) for s, t in zip(sales, transactions)):
            yield f"square/{folder}: sales and transactions do not agree"


def check(folder):
    made, found, wrong = dict(files()), {}, []
    for name in made:
        with open(os.path.join(folder, name), "rb") as f:
            found[name] = f.read()
        same = unzipped(found[name]) == unzipped(made[name]) if name.endswith(".zip") else found[name] == made[name]
        if not same:
            wrong.append(f"{name}: differs from what tests/samples.py makes")
    return wrong + list(faults(found))


def write(folder):
    for name, data in files():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


def main(args):
    checking = args[:1] == ["--check"]
    folder = (args[checking:] or ["samples"])[0]
    if not checking:
        return write(folder)
    wrong = check(folder)
    print("\n".join(wrong) or "all as it should be")
    return 1 if wrong else 0


sys.exit(main(sys.argv[1:]))
