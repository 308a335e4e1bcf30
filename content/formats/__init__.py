"""RSS, Atom and JSON Feed: from bytes to entries, whatever a blog's server did. Pure."""
