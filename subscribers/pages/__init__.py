"""The public pages of readers. They read no clock and no settings; what they need comes in."""
