"""Lexer: Team engagement. What stands where; what it says is declared in workbench/reports/team_engagement.py."""

from workbench.ui import page

question = page.opened("team_engagement")
page.header(question)
page.tiles(question)
