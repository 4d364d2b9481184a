"""What teachers tell everybody in a classroom."""
