"""Explore: figures of a report by any of its dimensions. What it finds is a tile, with all that a tile has."""

from workbench.ui import exploring, page

question = exploring.opened()
page.header(question)
exploring.controls(question)
page.tiles(question)
