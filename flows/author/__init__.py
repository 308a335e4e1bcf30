"""What the author is told and decides: drafts, yes and no, news."""
