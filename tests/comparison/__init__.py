"""Tests of comparing optimizers."""
