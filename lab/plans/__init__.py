"""EXPERIMENTS AS FILES, pure: what a plan says, which run comes next, when it is enough, how long it is."""
