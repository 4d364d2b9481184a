"""What every Homeroom service is bolted to."""
