"""The page Studies: what was computed over many values."""
