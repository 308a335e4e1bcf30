"""What the author may set: the tables of lettermill.toml, and the secrets beside it."""
