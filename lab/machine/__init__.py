"""THE MACHINE: what it has and lacks, what we changed on it, and how that is taken back."""
