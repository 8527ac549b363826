"""THE PROTOCOL as values, no sockets."""
