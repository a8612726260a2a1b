"""What a comparison of variants can be said to show. Pure: scipy and arithmetic, no framework, no clock, no database."""
