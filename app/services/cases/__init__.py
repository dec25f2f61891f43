"""Cases: start one, move it by a command, read it, end it."""
