"""The door of programs: consents, permissions, receipts, reasons and segments as JSON under /api/v1/, by key."""
