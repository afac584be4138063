"""How well the house sees by night's work: against the diary of simulated homes, in empty rooms, in real clips."""
