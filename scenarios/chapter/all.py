"""Retell the whole chapter: run its scripts in order.

uv run python scenarios/chapter/all.py
"""

import runpy
from pathlib import Path

if __name__ == "__main__":
    for script in sorted(Path(__file__).parent.glob("[1-9]_*.py")):
        print(f"\n{script.name}")
        runpy.run_path(str(script), run_name="__main__")
