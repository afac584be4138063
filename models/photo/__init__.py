"""What a cat does on a single photo: how the cat and its surroundings look, read by a few weights."""
