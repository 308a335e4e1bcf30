"""What a provider tells us later: verified, stored as it came, then applied in any order."""
