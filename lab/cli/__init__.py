"""FRONT DESK: click only here. File name = command name; a command parses, calls one function, prints."""
