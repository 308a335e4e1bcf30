"""What is tried before each mailing: the readers' way out, and the DNS of the sender's domain."""
