"""What is handed to those who run machines, and what they answer."""
