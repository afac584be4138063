"""From events to the owner's phone: grouped, not too often, not at night, each once, with a reason."""
