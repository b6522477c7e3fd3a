# What all flows share. A flow is a make file: every pipe is one rule, on one line, and depends on nothing but the files that it names.
# So `make -f FLOW -n` shows the plan, -j runs at once what can run at once, and with -k a dead target holds up no other.
#
#     include hub.mk
#     all: $(OUT)/pick.csv
#     $(OUT)/orders.ndjson: orders.csv
#     	hub-extract -s shop:orders-csv $(REJECTS) $< | hub-canon -s shop:orders-csv $(REJECTS) $(TO)
#     $(OUT)/pick.csv: $(OUT)/orders.ndjson
#     	hub-canon -R -s warehouse:pick-csv $(REJECTS) $< | hub-load $(PART) $(RECEIPTS)
#
# The script `rule` beside this file runs each recipe. What the pipe makes is written to .hub/ first, and shown when all of its tools
# have ended well (0) or complete but for refused records (1); with 2 or 75 the old files stay as they are. So only hub tools stand in a
# recipe, whose 1 means that and nothing worse. NAME.rejects.ndjson has what was refused in the last run of a rule, if anything;
# .hub/NAME.status how it ended; .hub/NAME.log the counts of its tools (unless $HUB_RUN_LOG names another file).

SHELL       := bash
.SHELLFLAGS  = $(RULE) $(AT)
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
