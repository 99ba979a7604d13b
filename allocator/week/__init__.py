"""The hours of the next days of one site: what runs, what is bought ahead, and at which prices that changes."""
