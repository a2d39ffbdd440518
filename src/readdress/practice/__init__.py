"""The rehearsal: a mail server and real sites on this machine, on which a migration can be practised."""
