"""The dashboard: see adaptation happen, in a browser; ``docs/dashboard.md`` tells how it is made.

Nothing here is computed that a run from the command line would not compute: pages step the same
compiled adaptation, measure by the same measures and ask the same predictions.
"""
