"""What editors type: each command is declared once, in `table`."""
