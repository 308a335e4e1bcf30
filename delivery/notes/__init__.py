"""Letters to one person that belong to no edition: owed, composed, sent once."""
