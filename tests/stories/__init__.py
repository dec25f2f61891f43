"""Stories played through the HTTP API as the demo people, for whoever wants to see the product work."""
