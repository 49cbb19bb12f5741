"""The workspace: opened safely, its settings, loads and their history, snapshots, backups."""
