"""From a source and its settings to a report."""
