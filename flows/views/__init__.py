"""What a person looks at: plan, preview, status, report. They change nothing."""
