"""Rapport: a self-hosted platform for the relationship between a clinic and its patients."""
