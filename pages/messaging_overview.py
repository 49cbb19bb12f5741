"""Lexer: Messaging overview. What stands where; what it says is declared in workbench/reports/messaging_overview.py."""

from workbench.ui import page

question = page.opened("messaging_overview")
page.header(question)
page.tiles(question)
