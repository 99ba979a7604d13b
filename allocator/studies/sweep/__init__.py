"""Many plans of one scenario, each with other values of some of its inputs, and what they say together."""
