"""Arrays in, arrays out: what CatML sees, follows and foretells, with its training and its weights."""
