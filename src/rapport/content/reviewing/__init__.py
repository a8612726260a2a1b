"""From a draft to words that may be sent: who must look, who looked, and at exactly which words."""
