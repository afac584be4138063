"""`catml up`: the whole home on this machine, as programs in the background that are started again when they end."""
