"""What people ask of us: their rights, with the clock that runs, the pages to work them off, and what we hand out."""
