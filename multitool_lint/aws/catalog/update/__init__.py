"""Making a catalog: what sources say, merged, checked, written; and AWS's reference, fetched."""
