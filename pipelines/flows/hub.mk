# What all flows share. A flow is a make file: every pipe is one rule, on one line, and depends on nothing but the files that it names.
# So `make -f FLOW -n` shows the plan, -j runs at once what can run at once, and with -k a dead target holds up no other.
#
#     include hub.mk
#     all: pick
#     shop:
#     	hub-extract -s shop:orders-csv $(REJECTS) orders.csv | hub-canon -s shop:orders-csv $(REJECTS) | hub-load hub: $(RECEIPTS)
#     pick: shop
#     	hub-extract hub:order | hub-canon -R -s warehouse:pick-csv $(REJECTS) | hub-load $(OUT)/pick.csv $(RECEIPTS)
#
# The script `rule` beside this file runs each recipe, and asks all programs of its pipe how they ended: 0 and 1 (complete but for
# refused records) pass, 2 and 75 do not. So only hub tools stand in a recipe, whose 1 means that and nothing worse.
# Under hub-run, a rule that brings something into the hub or out of it (its target is no path) and fails holds up none that depend on
# it: these work with what the hub holds, and hub-run tells of the failure by what the tools said, where 2 and 75 are kept apart.
#
# A rule can also make a file from others, without a hub: with $(TO), or hub-load $(PART), it is written to .hub/ first, and shown when
# the pipe has passed; else the old file stays as it is.
#     $(OUT)/orders.ndjson: orders.csv
#     	hub-extract -s shop:orders-csv $(REJECTS) $< | hub-canon -s shop:orders-csv $(REJECTS) $(TO)
#
# In $(OUT), NAME.rejects.ndjson has what was refused in the last run of a rule, if anything; NAME.receipts.ndjson what became of each
# record; .hub/NAME.status how it ended; .hub/NAME.log the counts of its tools (unless $HUB_RUN_LOG names another file).

SHELL       := bash
.SHELLFLAGS  = $(RULE) $(if $@,$(AT) $(if $(findstring /,$@),file,hub))
RULE        := $(dir $(lastword $(MAKEFILE_LIST)))rule
.SUFFIXES:

# The folder that a flow writes to.
OUT         ?= build/demo

# A rule whose target is no file has its books there, too.
AT           = $(if $(findstring /,$@),$@,$(OUT)/$@)
PART         = $(dir $(AT)).hub/$(@F)
TO           = >$(PART)
REJECTS      = -r $(basename $(AT)).rejects.ndjson
RECEIPTS     = >$(basename $(PART)).receipts.ndjson

.PHONY: all
all:
