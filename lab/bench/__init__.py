"""THE EXPERIMENT: seed, measure, prove, record."""
