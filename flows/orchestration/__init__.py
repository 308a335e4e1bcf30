"""Prefect beside the flows: what its pages show, its automations, its server's health."""
