"""Cases: opened, listed, shown, decided and undone, and what a decision would change."""
