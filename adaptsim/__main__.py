"""``python -m adaptsim``: the command line."""

from adaptsim.cli import main

main()
