"""What `lettermill up` runs and keeps running: Prefect, the flows and the site."""
