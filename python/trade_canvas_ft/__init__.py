"""freqtrade without an exchange: markets come from a file instead of the network."""
