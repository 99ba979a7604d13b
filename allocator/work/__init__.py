"""Where many independent solves run, and what happens when one of those that do them dies."""
