"""Check what a run of predator_voles wrote: complete, readable, and close to theory."""

import json
import sys
from pathlib import Path

import pandas as pd

folder = Path(sys.argv[1])
files = {"measures.csv", "trajectory.parquet", "figure.png", "run.json"}
assert {file.name for file in folder.iterdir()} == files, sorted(folder.iterdir())

measures = pd.read_csv(folder / "measures.csv")
lag = measures.query("measure == 'mean_lag' and variable == 'logit'")
assert len(lag) == 7, lag
worst = (lag["value"] / lag["theory"] - 1).abs().max()
assert worst < 0.05, f"mean lag is {worst:.1%} from theory"

rows = pd.read_parquet(folder / "trajectory.parquet")
assert rows["individual"].nunique() == 700, rows["individual"].nunique()
assert json.loads((folder / "run.json").read_text())["scenario"]["name"] == "predator_voles"
assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
print(f"{folder.name}: complete; mean lag within {worst:.1%} of theory")
