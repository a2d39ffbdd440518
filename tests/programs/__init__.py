"""Real programs for the end-to-end tests: mail server, wiki, blog, forum, each booted from Debian's or PyPI's package."""
