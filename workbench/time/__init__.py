"""Zones and coverage: wall time, UTC, and which spans of it the loads cover."""
