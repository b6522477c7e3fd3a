#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets status and the like
# The pages say what the tools do: examples are run, and what can be named is named on both sides.

load common

setup() {
    common_setup
    cd "$ROOT" || return 1
}

# tools: the names of the tools.
tools() { basename -s .c -a cmd/hub-*.c; }

# missing FILE: the lines of standard input that are no line of FILE, and a failure where there are any.
missing() { sort -u | comm -23 - <(sort -u "$1") | sed 's/^/missing: /' | tee /dev/stderr | { ! grep -q .; }; }

# items PAGE SECTION: the words behind .It Cm in a section of a page.
items() {
    awk -v section="$2" '/^\.Sh / { on = $0 == ".Sh " section } on && /^\.It Cm / { sub(/^\.It Cm /, ""); print }' "man/$1" |
        sed -E 's/ (Ns|Ar|Op|Li|Qq|Pq)( .*|$)//; s/ , /\n/g'
}

@test "the examples of the README" { tests/doc-examples README.md; }
@test "the examples of the tools' pages" { tests/doc-examples man/*.1; }
@test "the examples of the formats' pages" { tests/doc-examples man/*.5; }
@test "the examples of the other pages" { tests/doc-examples man/*.7; }

@test "an example that is wrong is found" {
    cd "$BATS_TEST_TMPDIR" || return 1
    printf '%s\n' '.Sh EXAMPLES' '.Bd -literal' "\$ printf 'a\\enb\\en'" a c .Ed >page.1
    run "$ROOT/tests/doc-examples" page.1
    has 1
    [[ $output == "page.1:3: printf 'a\nb\n'"* ]]
    "$ROOT/tests/doc-examples" -w page.1
    "$ROOT/tests/doc-examples" page.1
    printf '%s\n' '.Sh EXAMPLES' '.Dl exit_with() { return 2; }; exit_with' >page.1
    run "$ROOT/tests/doc-examples" page.1
    has 1
    # shellcheck disable=SC2016 # the fences of Markdown
    printf '%s\n' '```sh' 'echo a' 'echo b' '```' '```text' a '...' '```' '```' 'false' '```' >page.md
    "$ROOT/tests/doc-examples" page.md
    sed -i s/^a$/b/ page.md
    run "$ROOT/tests/doc-examples" page.md
    has 1
}

@test "every tool has a page, whose SYNOPSIS is its usage" {
    for tool in $(tools); do
        synopsis=$(mandoc -T utf8 -O width=999 "man/$tool.1" | sed 's/.\x08//g' | sed -n '/^SYNOPSIS/,/^DESCRIPTION/{/^[A-Z]/d;p}' | tr -s ' \n' ' ')
        usage=$("$tool" --help | head -n 1)
        same "${usage#usage: }" "$(sed 's/^ //; s/ $//' <<<"$synopsis")"
    done
}

@test "every option of --help stands in the page, and none else" {
    for tool in $(tools); do
        "$tool" --help | sed -nE 's/^  ((-[A-Za-z]), )? *(--[a-z-]+).*/\2 \3/p' | sed 's/^ //' | grep -vxE -- '-h --help|--version' | sort >"$BATS_TEST_TMPDIR/help"
        sed -nE 's/^\.It Fl (([A-Za-z]) , )?-([a-z-]+).*/-\2 --\3/p' "man/$tool.1" | sed 's/^- //' | sort >"$BATS_TEST_TMPDIR/page"
        diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
    done
}

@test "every page of ours that a page names is there, and no page is forgotten" {
    sed -nE 's/^.*\.?Xr (hub[a-z-]*) ([1-8]).*/\1.\2/p' man/* >"$BATS_TEST_TMPDIR/named"
    (cd man && printf '%s\n' *) >"$BATS_TEST_TMPDIR/pages"
    missing "$BATS_TEST_TMPDIR/pages" <"$BATS_TEST_TMPDIR/named"
    missing "$BATS_TEST_TMPDIR/named" <"$BATS_TEST_TMPDIR/pages"
    grep -oE '\]\([A-Za-z][^)#]*\)' README.md | tr -d ']()' | while read -r file; do
        [ -e "$file" ] || { echo "README.md: $file is not there" && return 1; }
    done
    for page in man/*; do
        grep -qF "($page)" README.md || { echo "README.md does not name $page" && return 1; }
    done
}

@test "every file of the tree that a page names is there" {
    sed -nE 's/^\.(It )?Pa (.*)/\2/p; s/^\.(Pq|Aq) Pa (.*)/\2/p' man/hub-hacking.7 | tr ' ' '\n' | grep -E '^(lib|cmd|tests)\b' | grep -v '[*A-Z]' | while read -r file; do
        [ -e "$file" ] || { echo "hub-hacking.7: $file is not there" && return 1; }
    done
}

@test "every codec stands in hub-map.5, and none else" {
    sed -nE '/codec_table\[\]/,/^\};/s/^ *\{"([a-z0-9_]+)".*/\1/p' lib/canon/codec.c | sort >"$BATS_TEST_TMPDIR/source"
    items hub-map.5 CODECS | sort >"$BATS_TEST_TMPDIR/page"
    [ -s "$BATS_TEST_TMPDIR/source" ]
    diff "$BATS_TEST_TMPDIR/source" "$BATS_TEST_TMPDIR/page"
}

@test "every codec has its two directions, what it refuses, and an example of both; every function an example" {
    python3 - <<'END'
import re
page = open("man/hub-map.5").read()
part = lambda start, end: page[page.index("\n.S" + start) : page.index("\n.S" + end)]
entries = lambda text: re.findall(r"^\.It Cm (\w+)(.*?)(?=^\.It Cm |^\.El)", text, re.S | re.M)
shown, tried = part("s Every codec, both ways", "s Time formats"), part("h EXAMPLES", "h SEE ALSO")
results = shown[shown.index("$ sh both") :]
codecs, functions = entries(part("h CODECS", "s Every codec, both ways")), entries(part("h FUNCTIONS", "h GRAMMAR"))
wrong = [f"{name}: {due}" for name, text in codecs for due, there in (
    ("Read and Written", re.search(r"Read:.*Written:|Written:.*Read:|both ways|both directions|both sides", text, re.S | re.I)),
    ("Refused", "Refused:" in text),
    ("example", re.search(rf"^{name}\b.*\n\[.*\]\nnot .*", results, re.M))) if not there]
wrong += [f"{name}: example" for name, _ in functions if not re.search(rf"^\$ sh try .*\b{name}\(", tried, re.M)]
print("\n".join(wrong))
assert len(codecs) > 20 and len(functions) > 10 and not wrong
END
}

@test "every function stands in hub-map.5, and none else" {
    sed -n '/function_table\[\]/,/^};/p' lib/canon/function.c | grep -oE '\{"[a-z0-9_]+"' | tr -d '{"' | sort >"$BATS_TEST_TMPDIR/source"
    items hub-map.5 FUNCTIONS | sort >"$BATS_TEST_TMPDIR/page"
    [ -s "$BATS_TEST_TMPDIR/source" ]
    diff "$BATS_TEST_TMPDIR/source" "$BATS_TEST_TMPDIR/page"
}

@test "every keyword and format of the contract stands in hub-schema.5, and none else" {
    # shellcheck disable=SC2016 # $schema is a keyword
    sed -nE '/^\} keywords\[\]/,/^\};/s/^ *\{"([$A-Za-z-]+)".*/\1/p' lib/canon/schema_load.c | sort >"$BATS_TEST_TMPDIR/source"
    items hub-schema.5 KEYWORDS | sort >"$BATS_TEST_TMPDIR/page"
    [ -s "$BATS_TEST_TMPDIR/source" ]
    diff "$BATS_TEST_TMPDIR/source" "$BATS_TEST_TMPDIR/page"
    sed -nE '/^static const char \*const names/,/^\};/p' lib/canon/format.c | grep -oE '"[a-z-]+"' | tr -d '"' | grep -vx none | sort >"$BATS_TEST_TMPDIR/source"
    items hub-schema.5 FORMATS | sort >"$BATS_TEST_TMPDIR/page"
    [ -s "$BATS_TEST_TMPDIR/source" ]
    diff "$BATS_TEST_TMPDIR/source" "$BATS_TEST_TMPDIR/page"
}

@test "every line that hub-record.5 shows is a JSON object with its keys in order" {
    grep '^{' man/hub-record.5 | sed 's/\\e/\\/g' >"$BATS_TEST_TMPDIR/lines"
    same true "$(jq -s 'length > 5 and all(.[]; keys_unsorted == keys)' "$BATS_TEST_TMPDIR/lines")"
}

@test "every error code stands in hub-record.5" {
    sed -n '/^\.Ss Error codes/,/^\.Sh/p' man/hub-record.5 | grep -oE '^\.(It )?Cm .*' | sed -E 's/^\.(It )?Cm //; s/ [.,]/\n/g' | tr -d ' ' >"$BATS_TEST_TMPDIR/page"
    {
        cat lib/*/*.c cmd/*.c | tr -s ' \n' ' ' |
            grep -oE '(err_v?set|machine_refuse|codec_refuse(_as)?|codec_text)\([^,]+, "[a-z0-9_]+"' | grep -oE '"[a-z0-9_]+"' | tr -d '"'
        sed -nE '/codec_table\[\]/,/^\};/s/^ *\{"([a-z0-9_]+)".*/\1/p' lib/canon/codec.c
        sed -nE '/^static const char \*const names/,/^\};/p' lib/canon/format.c | grep -oE '"[a-z-]+"' | tr -d '"' | grep -vx none
        echo io pipe memory | tr ' ' '\n'
    } | missing "$BATS_TEST_TMPDIR/page"
}

@test "every variable of the environment stands in hub.7" {
    sed -nE 's/^\.It Ev (.*)/\1/p' man/hub.7 | sed 's/ , /\n/g' >"$BATS_TEST_TMPDIR/page"
    cat lib/*/*.c cmd/*.c | grep -oE 'getenv\("[A-Z_]+"\)' | grep -oE '[A-Z_]{2,}' | missing "$BATS_TEST_TMPDIR/page"
}
