"""Logs of feeders, litter boxes and others: read whole, checked row by row, then taken in. One file per maker's format."""
