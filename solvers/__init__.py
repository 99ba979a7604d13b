"""Domain-free modelling and solving of linear and mixed-integer programs."""
