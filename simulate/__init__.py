"""A home with a known diary, drawn and recorded: what the watching can be tested against."""
