# hub: an integration layer made of Unix filters.  `make help` lists what can be made.
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
AR      ?= ar
PKG_CONFIG ?= pkg-config
CFLAGS  ?= -O2 -g
B       := build

VERSION := 0.1.0
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
           -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-format-nonliteral
ifdef DEVELOPER
WARN    += -Werror -Wconversion -Wno-sign-conversion
endif
BASE_FLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -DHUB_VERSION='"$(VERSION)"' \
           -DHUB_SHARE='"$(PREFIX)/share/hub/pipelines"' -Ilib -I$(B)/gen $(WARN) -MMD -MP

# From the bottom up: a layer may use those before it, and no other.
LAYERS  := base json record io canon system compare source sink
TOOLS   := hub-extract hub-canon hub-diff hub-load
JANSSON_CFLAGS := $(shell $(PKG_CONFIG) --cflags jansson 2>/dev/null)
JANSSON_LIBS := $(shell $(PKG_CONFIG) --libs jansson 2>/dev/null)
LIBS    := -Wl,--as-needed -lcsv $(JANSSON_LIBS) -ldl

layers_to = $(call reverse,$(1))
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
ARCHIVES := $(patsubst %,$(B)/lib/%.a,$(call reverse,$(LAYERS)))

all: $(TOOLS:%=$(B)/bin/%)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) $(JANSSON_CFLAGS) $(CFLAGS) -c -o $@ $<

define layer_rule
$(B)/lib/$(1).a: $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/$(1)/*.c))
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
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/gen/canon/iso_tables.inc: $(B)/gen/iso $(ISO_LISTS)
	@mkdir -p $(@D)
	$(B)/gen/iso $(ISO_LISTS) > $@.part && mv $@.part $@
$(B)/obj/lib/canon/iso.o: $(B)/gen/canon/iso_tables.inc

$(B)/bin/%: $(B)/obj/cmd/%.o $(B)/obj/cmd/cmd.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# tests/unit/LAYER_*.c is linked with LAYER and those below it: build/unit/LAYER_NAME
upto = $(if $(filter $(1),$(firstword $(2))),$(1),$(firstword $(2)) $(call upto,$(1),$(wordlist 2,$(words $(2)),$(2))))
below = $(patsubst %,$(B)/lib/%.a,$(call reverse,$(call upto,$(1),$(LAYERS))))
layer_of = $(firstword $(subst _, ,$(notdir $(basename $(1)))))
UNIT := $(wildcard tests/unit/*.c)
define unit_rule
$(B)/unit/$(notdir $(basename $(1))): $(B)/obj/$(basename $(1)).o $(call below,$(call layer_of,$(1)))
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ -lcmocka $(LIBS)
endef
$(foreach u,$(UNIT),$(eval $(call unit_rule,$(u))))

unit: $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT))
	@for t in $^; do $$t || exit 1; done

clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.PHONY: all unit clean
.SECONDARY:
