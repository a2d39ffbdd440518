"""HTTP and DNS."""
