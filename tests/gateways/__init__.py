"""Gateways as their clients call them: requests as the clients write them, answers as they read them."""
