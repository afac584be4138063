"""What is watched and where it is kept: configuration, store, tables, coverage, time and errors. Imports nothing of ours."""
