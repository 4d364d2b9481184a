"""Points and badges. The ledger keeps itself: see the triggers of the migration that made it (points)."""
