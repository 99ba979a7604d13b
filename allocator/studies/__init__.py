"""What is asked of a plan or a scenario beyond solving it: how a plan fares on fresh paths, what a tree is worth."""
