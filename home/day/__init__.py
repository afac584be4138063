"""One local day as its tables tell it: read, said in sentences, and drawn. The day page and the web pages share it."""
