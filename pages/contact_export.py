"""Gladly: Contact export. What stands where; what it says is declared in workbench/reports/contact_export.py."""

from workbench.ui import page

question = page.opened("contact_export")
page.header(question)
page.tiles(question)
