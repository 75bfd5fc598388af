"""The page Track: populations that follow a moving optimum, live."""
