"""Gladly: Workload. What stands where; what it says is declared in workbench/reports/workload.py."""

from workbench.ui import page

question = page.opened("workload")
page.header(question)
page.tiles(question)
