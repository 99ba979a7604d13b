"""What must hold between the parts of a scenario; one module an idea, `allocator.scenario.crosscheck` lists them."""
