"""What the house says in English and in German: words, and numbers, times and lists as people say them."""
