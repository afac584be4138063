"""Labels in and out: the files that people label in, and the house's own words for what they say."""
