"""To whom we may write: sign-up, consent, suppression, links, the public pages.

Knows nothing of content or of delivery, and never reads a clock.
"""
