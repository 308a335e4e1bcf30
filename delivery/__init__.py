"""Was it handed over: mailing, ledger, providers.

Knows nothing of content or of subscribers, and never reads a clock.
"""
