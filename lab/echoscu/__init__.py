"""DCMTK echoscu's command line as data and rules. Pure: words in, an order out."""
