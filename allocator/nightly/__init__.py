"""What a job does every night: solve, verify, publish or keep."""
