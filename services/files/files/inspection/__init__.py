"""Whether the bytes that came are what was announced, and harmless as far as can be told."""
