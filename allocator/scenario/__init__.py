"""What the user writes: a scenario file, read strictly, with every fault reported at once."""
