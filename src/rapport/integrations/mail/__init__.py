"""What comes back by e-mail: reports of providers, bounces and complaints as mail, and replies."""
