"""How a classroom's totals are made."""
