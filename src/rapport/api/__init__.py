"""The door of programs: consents, permissions, reasons, segments, campaigns and reviews as JSON under /api/v1/, by key."""
