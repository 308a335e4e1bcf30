"""How the site is served: durable before it answers, bounded, and silent in its log."""
