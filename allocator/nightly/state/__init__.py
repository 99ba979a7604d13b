"""How sites and balances really stand: judged, kept, and what follows for the night."""
