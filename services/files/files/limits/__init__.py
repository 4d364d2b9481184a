"""What may be uploaded, and how much there is."""
