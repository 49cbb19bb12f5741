"""Gladly: Repeat contacts. What stands where; what it says is declared in workbench/reports/repeat_contacts.py."""

from workbench.ui import page

question = page.opened("repeat_contacts")
page.header(question)
page.tiles(question)
