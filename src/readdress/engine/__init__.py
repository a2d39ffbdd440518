"""Look, write down, act, look, write down (pure)."""
