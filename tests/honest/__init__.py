"""Whether `lab compare` is honest, measured: not a test, `make honest` runs it."""
