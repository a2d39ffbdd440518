"""Whole migrations through the command line: real programs, a real mail server, a real browser."""
