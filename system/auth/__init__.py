"""Who calls, and what they may do: sign-in, tokens, permissions."""
