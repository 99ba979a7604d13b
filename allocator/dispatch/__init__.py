"""Hour by hour: what one site runs in one node, its value, and what its limits are worth."""
