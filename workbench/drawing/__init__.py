"""How values look: formats, colours, and the few chart shapes in Altair."""
