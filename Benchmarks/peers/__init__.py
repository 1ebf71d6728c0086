"""Other people's servers under the same events: see docs/benchmarks.md."""
