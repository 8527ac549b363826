"""What many runs say together: pure, from records to figures with intervals."""
