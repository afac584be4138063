"""Events are passed on: from the outbox of the home to every address that its owner named."""
