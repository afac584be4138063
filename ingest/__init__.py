"""What runs all day, without Prefect: footage is taken in, cut into chunks, and written into the ledger."""
