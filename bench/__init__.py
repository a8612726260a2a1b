"""Benchmarks: each module offers `run(report) -> dict`. `make bench` lists them, `make bench ARGS="NAME --json"` runs one."""
