"""The command line: arguments, exit codes, errors as sentences."""
