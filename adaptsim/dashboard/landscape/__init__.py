"""The page Landscape: rules that walk down from one start."""
