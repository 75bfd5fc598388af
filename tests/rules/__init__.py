"""Tests of rules, one file a question.

PyTorch is not needed to run them: ``torch_traces.json`` keeps what its optimizers and schedules
did (version inside), written by running ``torch_traces.py`` by hand.
"""
