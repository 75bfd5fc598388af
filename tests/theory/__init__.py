"""Tests of the closed forms: numbers to hit, then independent ways to the same numbers."""
