"""The command line, a module for each command; what a command alone needs is imported when it runs."""
