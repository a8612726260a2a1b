"""The compliance desk: one page that answers "what needs me today?", and the lists that its numbers open."""
