"""respond.io: Conversations. What stands where; what it says is declared in workbench/reports/conversations.py."""

from workbench.ui import page

question = page.opened("conversations")
page.header(question)
page.tiles(question)
