"""The page Road to chaos: what happens beyond the speed limit."""
