# The orders of the shop and of the till into the hub; from there what the accounts import, and what the warehouse packs.
#     HUB_DB=hub.db hub-run orders
include $(dir $(lastword $(MAKEFILE_LIST)))hub.mk

SHOP      ?= samples/shopify/orders_export.zip
TILL      ?= samples/square/items.csv
PAYMENTS  ?= samples/square/transactions.csv
TO_PICK   := has(shipping_address) && payment_status == "paid" && fulfillment_status == "unfulfilled" && !has(cancelled_at)

.PHONY: shop till entries journal pick
all: journal pick

shop:
	hub-extract -s shopify:orders-csv $(REJECTS) $(SHOP) | hub-canon -s shopify:orders-csv $(REJECTS) | hub-load hub: $(RECEIPTS)
till:
	hub-extract -s square:items-csv $(REJECTS) $(TILL) | hub-canon -s square:items-csv -l receipts=$(PAYMENTS) $(REJECTS) | hub-load hub: $(RECEIPTS)
# Of each order that the rules do not know as it is now.
entries: shop till
	hub-extract hub:order --for rules | hub-canon -m rules/order-to-journal.map $(REJECTS) | hub-load hub: $(RECEIPTS)
journal: entries
	hub-extract hub:journal_entry | hub-canon -R -s quickbooks:journal-csv $(REJECTS) | hub-load $(OUT)/journal.csv $(RECEIPTS)
pick: shop till
	hub-extract hub:order | hub-canon -R -s warehouse:pick-csv -w '$(TO_PICK)' $(REJECTS) | hub-load $(OUT)/pick.csv $(RECEIPTS)
