"""What caution costs: expected value against the mean of the worst paths, or against LTV headroom."""
