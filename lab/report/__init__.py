"""READING RESULTS, pure: values in, text out. Renders on a laptop without docker."""
