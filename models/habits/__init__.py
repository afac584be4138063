"""Habits: when a cat does what, what comes next, what changed. Arrays in, arrays out."""
