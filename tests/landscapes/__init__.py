"""Tests of landscapes."""
