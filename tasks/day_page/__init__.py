"""The day page: what a day's tables say, as sentences, pictures and tables. `tasks.report` writes it."""
