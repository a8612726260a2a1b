"""The door of programs: consents, permissions, receipts and reasons as JSON under /api/v1/, by key."""
