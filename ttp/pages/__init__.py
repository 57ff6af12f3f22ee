"""The HTML pages for staff: what they show comes from services, every asset from this host."""
