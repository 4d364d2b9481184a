"""WebSockets as every service offers them: accepted with a token, typed, bounded, and closed with a documented code."""
