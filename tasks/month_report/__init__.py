"""The monthly habit report: what a cat did in a local month, from sentences to numbers, as a page, for paper and as JSON."""
