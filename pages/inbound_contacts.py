"""Gladly: Inbound contacts. What stands where; what it says is declared in workbench/reports/inbound_contacts.py."""

from workbench.ui import page

question = page.opened("inbound_contacts")
page.header(question)
page.tiles(question)
