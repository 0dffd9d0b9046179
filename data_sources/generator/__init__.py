"""Events made by a small model of showers in a sampling calorimeter, for demonstrations, tests and benchmarks."""
