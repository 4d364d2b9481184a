"""The second factor: an authenticator app's codes (TOTP, RFC 6238) and recovery codes."""
