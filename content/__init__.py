"""What we say: feed -> post -> edition -> letter.

Knows nothing of subscribers or of delivery, and never reads a clock.
"""
