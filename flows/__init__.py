"""When: the flows, the settings, the command line, the site. The only place that wires."""
