"""The look and feel of Rapport: layouts, components, icons, charts and their gallery. Knows no domain word."""
