"""Tests of the gradient flow, of descent as its Euler method, and of their errors."""
