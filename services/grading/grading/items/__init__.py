"""Item analysis: how each question of a quiz did."""
