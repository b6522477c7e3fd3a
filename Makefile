# hub: an integration layer made of Unix filters.  `make help` lists what can be made.
PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
CC      ?= cc
AR      ?= ar
CLANG   ?= clang
PKG_CONFIG ?= pkg-config
CFLAGS  ?= -O3 -g
# All that is made is below it; the runs of the sanitizers and of the fuzzer have one of their own.
B       := build
EMULATOR ?= # what runs this build's own programs while it is made, where they are for another processor
VERSION := 0.1.0

# From the bottom up: a layer may use those before it (tests/lint/layers has the exact rule).
LAYERS  := base json record io canon hub system deliver compare source sink
TOOLS   := $(patsubst cmd/%.c,%,$(wildcard cmd/hub-*.c))

# ---- what the machine has ----
# Each may be set on the command line. libcsv has no .pc: the compiler is asked.
pkg     = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
has     = $(shell printf '\043include <$(1)>\n' | $(CC) $(CPPFLAGS) -E -o /dev/null -xc - 2>/dev/null && echo yes)
# Libraries that are loaded when first used are not linked: the linker's name leads to the name to load.
soname  = $(shell readelf -d "$$($(CC) -print-file-name=$(1).so)" 2>/dev/null | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
JANSSON_CFLAGS   := $(call pkg,--cflags jansson)
JANSSON_LIBS     := $(or $(call pkg,--libs jansson),-ljansson)
LIBCSV_LIBS      := -lcsv
SONAME_LIBARCHIVE := $(if $(call has,archive.h),$(call soname,libarchive))
SONAME_LIBZ      := $(if $(call has,zlib.h),$(call soname,libz))
SONAME_LIBCRYPTO := $(if $(call has,openssl/evp.h),$(call soname,libcrypto))
SONAME_LIBSQLITE3 := $(if $(call has,sqlite3.h),$(call soname,libsqlite3))
SONAME_LIBCURL   := $(if $(call has,curl/curl.h),$(call soname,libcurl))
LIBPQ_CFLAGS     := $(call pkg,--cflags libpq)
SONAME_LIBPQ     := $(if $(call pkg,--libs libpq),$(call soname,libpq))
NEEDED  := $(if $(call has,csv.h),,libcsv) $(if $(call has,jansson.h),,jansson)
ABSENT  := $(if $(SONAME_LIBARCHIVE),,libarchive:archives) $(if $(SONAME_LIBZ),,libz:gzip) $(if $(SONAME_LIBCURL),,libcurl:HTTP) $(if $(SONAME_LIBCRYPTO),,libcrypto:SHA-256) $(if $(SONAME_LIBSQLITE3),,libsqlite3:hub.db) $(if $(SONAME_LIBPQ),,libpq:PostgreSQL)

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
           -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-format-nonliteral
ifdef DEVELOPER
WARN    += -Wconversion -Wno-sign-conversion -Werror
endif
LOADED  := LIBARCHIVE LIBCRYPTO LIBCURL LIBPQ LIBSQLITE3 LIBZ
HUB_FLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -DHUB_VERSION='"$(VERSION)"' -Ilib $(WARN) \
           $(foreach l,$(LOADED),$(if $(SONAME_$l),-DSONAME_$l='"$(SONAME_$l)"')) $(if $(SONAME_LIBPQ),$(LIBPQ_CFLAGS)) $(JANSSON_CFLAGS)
LIBS    := -Wl,--as-needed $(LIBCSV_LIBS) $(JANSSON_LIBS) -ldl -pthread
COMPILE  = $(CC) $(HUB_FLAGS) -I$(B)/gen -MMD -MP $(CPPFLAGS) $(CFLAGS)
LINK     = $(CC) $(CFLAGS) $(LDFLAGS)

objects  = $(patsubst %.c,$(B)/obj/%.o,$(1))
reverse  = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
ARCHIVES := $(patsubst %,$(B)/lib/%.a,$(call reverse,$(LAYERS)))
UNIT    := $(wildcard tests/unit/*.c)
FUZZ    := $(filter-out driver,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
BENCH   := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
COMPLETIONS := $(TOOLS:%=$(B)/share/bash/%) $(TOOLS:%=$(B)/share/zsh/_%)

all: $(TOOLS:%=$(B)/bin/%) $(COMPLETIONS)        ## build the tools (the default)

# ---- building ----
# A stamp is rewritten when what it records has changed, so that new flags or a newly installed library recompile what depends on them.
quote = '$(subst ','\'',$(1))'
define stamp
ifneq ($$(file <$(1)),$$(strip $$($(2))))
$(1): force
endif
$(1):
	$(3)
	@mkdir -p $$(@D) && printf '%s\n' $$(call quote,$$(strip $$($(2)))) > $$@
endef
SAY_NEEDED = $(if $(strip $(NEEDED)),@echo "missing: $(strip $(NEEDED)): 'make deps' installs what the build needs" >&2; exit 1)
SAY_ABSENT = $(if $(strip $(ABSENT)),@$(foreach a,$(ABSENT),echo '$(subst :, is not installed: built without ,$(a))';))
FLAGS := $(CC) $(HUB_FLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LIBS)
$(eval $(call stamp,$(B)/flags,FLAGS,$$(or $$(SAY_NEEDED),$$(SAY_ABSENT))))
$(eval $(call stamp,$(B)/prefix,PREFIX))

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<
# The installed tools find their pipelines there; all else is the same for every PREFIX.
$(B)/obj/lib/base/search.o: HUB_FLAGS += -DHUB_SHARE='"$(PREFIX)/share/hub/pipelines"'
$(B)/obj/lib/base/search.o: $(B)/prefix

define layer_rule
$(B)/lib/$(1).a: $(call objects,$(wildcard lib/$(1)/*.c))
	@mkdir -p $$(@D)
	rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

# Countries and currencies, out of the distribution's iso-codes; ISO_CODES names another folder.
ISO_CODES ?= /usr/share/iso-codes/json
ISO_LISTS := $(ISO_CODES)/iso_3166-1.json $(ISO_CODES)/iso_4217.json
$(ISO_LISTS):
	@echo "$@ is missing: install the package iso-codes, or set ISO_CODES" >&2; exit 1
$(B)/gen/iso: $(B)/obj/lib/canon/gen/iso.o $(B)/lib/base.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)
$(B)/gen/canon/iso_tables.inc: $(B)/gen/iso $(ISO_LISTS)
	@mkdir -p $(@D)
	$(EMULATOR) $(B)/gen/iso $(ISO_LISTS) > $@.part && mv $@.part $@
$(B)/obj/lib/canon/iso.o: $(B)/gen/canon/iso_tables.inc

# The style of hub-log's page, as strings of C.
$(B)/gen/log_page_css.inc: cmd/log_page.css
	@mkdir -p $(@D)
	sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< > $@.part && mv $@.part $@
$(B)/obj/cmd/log_page.o: $(B)/gen/log_page_css.inc

# cmd/NAME_*.c are parts of hub-NAME; what else is no tool is part of each.
parts    = $(wildcard cmd/$(1:hub-%=%)_*.c)
COMMON  := $(call objects,$(filter-out cmd/hub-% $(foreach t,$(TOOLS),$(call parts,$(t))),$(wildcard cmd/*.c)))
define tool_rule
$(B)/bin/$(1): $(call objects,cmd/$(1).c $(call parts,$(1))) $(COMMON) $(ARCHIVES)
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$^ $(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

# Each tool prints its own, from its table of options.
$(B)/share/bash/%: $(B)/bin/%
	@mkdir -p $(@D)
	$(EMULATOR) $< --completions bash > $@.part && mv $@.part $@
$(B)/share/zsh/_%: $(B)/bin/%
	@mkdir -p $(@D)
	$(EMULATOR) $< --completions zsh > $@.part && mv $@.part $@

# ---- tests ----
# tests/unit/LAYER_*.c is linked with LAYER and those below it: build/unit/LAYER_NAME
upto     = $(if $(filter $(1),$(firstword $(2))),$(1),$(firstword $(2)) $(call upto,$(1),$(wordlist 2,$(words $(2)),$(2))))
below    = $(patsubst %,$(B)/lib/%.a,$(call reverse,$(call upto,$(1),$(LAYERS))))
layer_of = $(firstword $(subst _, ,$(notdir $(basename $(1)))))
define unit_rule
$(B)/unit/$(notdir $(basename $(1))): $(call objects,$(1)) $(call below,$(call layer_of,$(1)))
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$^ -lcmocka $(LIBS)
endef
$(foreach u,$(UNIT),$(eval $(call unit_rule,$(u))))

# What has vector code runs once more without it.
UNIT_NAMES := $(patsubst tests/unit/%.c,%,$(UNIT))
PORTABLE := $(patsubst %,$(B)/unit/portable/%,$(filter json_% base_utf8%,$(UNIT_NAMES)))
$(B)/unit/portable/%: $(B)/unit/%
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nHUB_SIMD=portable exec %s\n' $(abspath $<) > $@ && chmod +x $@

# FUZZ_MAIN: the program around a fuzz target. tests/fuzz/driver.c runs it over its corpus; empty, with FUZZ_LDFLAGS, libFuzzer.
FUZZ_MAIN := $(B)/obj/tests/fuzz/driver.o
FUZZ_LDFLAGS :=
# libFuzzer has no header for the function that it calls.
$(B)/obj/tests/fuzz/%.o: HUB_FLAGS += -Wno-missing-prototypes
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(FUZZ_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/bench/%: $(B)/obj/tests/bench/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

PROGRAMS := $(UNIT_NAMES:%=$(B)/unit/%) $(PORTABLE) $(FUZZ:%=$(B)/fuzz/%)
ASAN     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_SECONDS ?= 60

# make has read what pkg-config says before deps could install it: the work is a make of its own.
test:                      ## run all tests
	@.ci/deps.sh build test
	@$(MAKE) --no-print-directory suite

unit: $(UNIT_NAMES:%=$(B)/unit/%)        ## run the tests of lib/ alone
	@HUB_BIN=$(abspath $(B)/bin) tests/run $^

check-asan:                ## run all tests under the address and undefined behaviour sanitizers
	@.ci/deps.sh build test
	@$(MAKE) --no-print-directory suite B=$(B)/asan CFLAGS='-O1 -g $(ASAN)'

fuzz:                      ## fuzz each parser for FUZZ_SECONDS (60)
	@.ci/deps.sh build fuzz
	@$(MAKE) --no-print-directory fuzzers B=$(B)/fuzzing CC=$(CLANG) FUZZ_MAIN= FUZZ_LDFLAGS=-fsanitize=fuzzer \
	    CFLAGS='-O1 -g $(ASAN) -fsanitize=fuzzer-no-link'
	@tests/fuzz/run $(B)/fuzzing/fuzz $(FUZZ_SECONDS) $(FUZZ)

lint:                      ## check format, warnings, layers, scripts, manuals
	@.ci/deps.sh build test lint
	@MAKE='$(MAKE)' tests/lint/run

# Installs nothing, so that the peers are those that were there.
bench: all $(B)/bench/gen $(B)/bench/measure        ## measure speed and memory, beside what else is installed
	@tests/bench/run $(B)

demo:                      ## run the first flow on the samples, and show each stage
	@.ci/deps.sh build
	@$(MAKE) --no-print-directory all
	@PATH="$(abspath $(B)/bin):$$PATH" bash pipelines/flows/demo $(B)/demo

suite: all $(PROGRAMS)
	@HUB_BIN=$(abspath $(B)/bin) tests/run $(PROGRAMS) $(wildcard tests/*.bats)
fuzzers: $(FUZZ:%=$(B)/fuzz/%)
# For tests/lint: every file is compiled, nothing is run.
compiled: $(call objects,$(wildcard cmd/*.c lib/*/*.c tests/*/*.c))
# What has code of its own for that processor, run over its corpus, where every way of it must give the same. Neither needs a library.
AARCH64  := $(B)/aarch64
check-aarch64:             ## compile lib/base and lib/json for aarch64, and try their vector code in an emulator
	@.ci/deps.sh aarch64
	@$(MAKE) --no-print-directory -s B=$(AARCH64) CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar DEVELOPER=1 \
	    CPPFLAGS='-idirafter /usr/include' ARCHIVES='$(AARCH64)/lib/json.a $(AARCH64)/lib/base.a' LIBS=-ldl \
	    $(AARCH64)/fuzz/json $(AARCH64)/fuzz/utf8
	@prove -e 'qemu-aarch64 -L /usr/aarch64-linux-gnu' $(AARCH64)/fuzz/json $(AARCH64)/fuzz/utf8

# ---- the rest ----
deps:                      ## install the packages that the build and the tests need
	@.ci/deps.sh build test

format:                    ## lay out all C as .clang-format says
	clang-format -i $(wildcard cmd/*.[ch] lib/*/*.[ch] lib/*/*/*.[ch] lib/*/*.inc tests/*/*.[ch])

# FROM:TO pairs; uninstall removes what install put there.
MAN      := $(wildcard man/*.[1-8])
PIPELINES := $(shell find pipelines -type f)
INSTALLED = $(TOOLS:%=$(BINDIR)/%) $(foreach m,$(MAN),$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))) \
            $(PIPELINES:%=$(PREFIX)/share/hub/%) $(TOOLS:%=$(PREFIX)/share/bash-completion/completions/%) \
            $(TOOLS:%=$(PREFIX)/share/zsh/site-functions/_%)
SOURCES   = $(TOOLS:%=$(B)/bin/%) $(MAN) $(PIPELINES) $(COMPLETIONS)

install: all               ## install below PREFIX (/usr/local), DESTDIR before it
	@set -- $(INSTALLED); for from in $(SOURCES); do \
	    mode=644; [ ! -x "$$from" ] || mode=755; \
	    install -D -m $$mode "$$from" "$(DESTDIR)$$1" || exit 1; shift; done

uninstall:                 ## remove what install put there
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	@find $(DESTDIR)$(PREFIX)/share/hub -depth -type d -empty -delete 2>/dev/null || true

dist:                      ## write build/hub-VERSION.tar.gz of what is committed
	@mkdir -p $(B)
	git archive --format=tar.gz --prefix=hub-$(VERSION)/ -o $(B)/hub-$(VERSION).tar.gz HEAD

clean:                     ## remove all that was made
	rm -rf $(B)

help:                      ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  \1@\2/p' $(firstword $(MAKEFILE_LIST)) | sort | while IFS=@ read -r t h; do \
	    printf '%-15s %s\n' "$$t" "$$h"; done
	@echo 'with DEVELOPER=1 warnings are errors; PREFIX, DESTDIR, CC, CFLAGS as everywhere; EMULATOR runs what CC made for another processor'

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
force:
.PHONY: all test unit check-asan fuzz fuzzers lint bench demo suite compiled check-aarch64 deps format install uninstall dist clean help force
.SECONDARY:
.DELETE_ON_ERROR:
