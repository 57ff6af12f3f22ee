"""Figures of this machine, each from a module named `bench_*` whose `main` measures one promise."""
