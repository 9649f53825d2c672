"""Measures of Toise: `make bench` prints them, docs/benchmarks.md explains and records them."""
