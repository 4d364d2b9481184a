"""The accounts of a school, as its admins see them, and the school itself."""
