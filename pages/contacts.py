"""respond.io: Contacts. What stands where; what it says is declared in workbench/reports/contacts.py."""

from workbench.ui import page

question = page.opened("contacts")
page.header(question)
page.tiles(question)
