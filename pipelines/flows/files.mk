# As orders.mk, but from file to file, without a hub database: what changed since yesterday, what the accounts import, what the warehouse packs.
include $(dir $(lastword $(MAKEFILE_LIST)))hub.mk

SHOP      ?= samples/shopify/orders_export.zip
TILL      ?= samples/square/items.csv
PAYMENTS  ?= samples/square/transactions.csv
# The orders.ndjson of the day before; none: all orders are new.
YESTERDAY ?= /dev/null
TO_PICK   := has(shipping_address) && payment_status == "paid" && fulfillment_status == "unfulfilled" && !has(cancelled_at)

all: $(addprefix $(OUT)/,changes.ndjson journal.csv pick.csv)

$(OUT)/shop.ndjson: $(SHOP)
	hub-extract -s shopify:orders-csv $(REJECTS) $< | hub-canon -s shopify:orders-csv $(REJECTS) $(TO)
$(OUT)/till.ndjson: $(TILL) $(PAYMENTS)
	hub-extract -s square:items-csv $(REJECTS) $< | hub-canon -s square:items-csv -l receipts=$(PAYMENTS) $(REJECTS) $(TO)
$(OUT)/orders.ndjson: $(OUT)/shop.ndjson $(OUT)/till.ndjson
	hub-canon $^ $(TO)
# --partial: an order that is refused today, or no longer in the export, was not deleted.
$(OUT)/changes.ndjson: $(filter-out /dev/null,$(YESTERDAY)) $(OUT)/orders.ndjson
	hub-diff --partial $(YESTERDAY) $(OUT)/orders.ndjson $(TO)
$(OUT)/journal.csv: $(OUT)/orders.ndjson
	hub-canon -m rules/order-to-journal.map $(REJECTS) $< | hub-canon -R -s quickbooks:journal-csv $(REJECTS) | hub-load $(PART) $(RECEIPTS)
$(OUT)/pick.csv: $(OUT)/orders.ndjson
	hub-canon -R -s warehouse:pick-csv -w '$(TO_PICK)' $(REJECTS) $< | hub-load $(PART) $(RECEIPTS)
