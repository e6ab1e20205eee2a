"""Plants faults and shows that the verdict turns."""
