"""The pages for people: one file each, on the same application as the API."""
