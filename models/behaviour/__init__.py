"""What a cat does, read from where it is and how it moves."""
