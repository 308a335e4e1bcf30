"""Making an edition: from the feed to a letter that may be approved."""
