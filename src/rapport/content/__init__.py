"""Content: what may be said, word for word. Verbs in `actions`, rendering in `render`, checks in `lint`."""
