"""Dask: the same bits as everywhere else, and one message where there is no scheduler."""

import pandas as pd
import pytest

from adaptsim import studies
from adaptsim.schema import WrongRequest

distributed = pytest.importorskip("distributed", reason="needs the extra 'study'")

LOCAL = """
kind = "distributed:LocalCluster"
n_workers = {workers}
threads_per_worker = 1
processes = {processes}
dashboard_address = ":0"
host = "127.0.0.1"
protocol = "tcp://"
"""


def cluster(folder, *, workers=1, processes=False):
    text = LOCAL.format(workers=workers, processes=str(processes).lower())
    (folder.path / "cluster.toml").write_text(text)
    return "cluster.toml"


def test_a_cluster_gives_the_bits_of_this_process(folder):
    folder.run(out="here")
    found = folder.run(out="there", how={"scheduler": cluster(folder), "chunk": 5})
    assert (found.done, found.failed) == (24, 0)
    assert studies.digest("here") == studies.digest("there")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('kind = "distributed:LocalClustr"', ["cluster.toml", "LocalClustr"]),
        ('kind = "nowhere:Cluster"', ["cluster.toml", "nowhere"]),
        ("n_workers = 1", ["cluster.toml", "kind must name a class"]),
        ("n_workers = ", ["cluster.toml", "cannot be read"]),
    ],
)
def test_a_file_that_describes_no_cluster_is_a_wrong_request(folder, text, words):
    (folder.path / "cluster.toml").write_text(text)
    with pytest.raises(WrongRequest) as told:
        folder.run(how={"scheduler": "cluster.toml"})
    for word in words:
        assert word in str(told.value)


def test_an_address_where_nobody_answers_is_a_wrong_request(folder, monkeypatch):
    from adaptsim.studies.engines import dask_cluster

    monkeypatch.setitem(dask_cluster.SETTINGS, "distributed.comm.timeouts.connect", "200 ms")
    with pytest.raises(WrongRequest, match="no Dask scheduler answers"):
        folder.run(how={"scheduler": "tcp://127.0.0.1:9"})


@pytest.mark.slow
def test_dead_workers_of_a_cluster_cost_their_batch(folder):
    faults = ["none"] * 40
    faults[10], faults[20], faults[30] = "raise", "hang", "die"
    rates = [round(0.01 * (1 + place), 2) for place in range(40)]
    design = f'kind = "zip"\nrate = {rates}\nfault = {faults}'
    how = {"scheduler": cluster(folder, workers=2, processes=True), "timeout": 3.0}
    found = folder.run(design, "", how=how)
    assert (found.done, found.failed) == (37, 3)
    failed = studies.failures("out").set_index("p_fault")["status"].to_dict()
    assert failed == {"raise": "failed", "hang": "timeout", "die": "crashed"}
    assert pd.read_parquet("out/runs")["run_id"].is_unique
