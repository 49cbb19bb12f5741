"""From what is asked to rows: selection, scope, question, relations, answers, logs, saved views."""
