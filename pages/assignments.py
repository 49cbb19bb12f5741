"""respond.io: Assignments. What stands where; what it says is declared in workbench/reports/assignments.py."""

from workbench.ui import page

question = page.opened("assignments")
page.header(question)
page.tiles(question)
