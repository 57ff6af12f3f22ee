"""What is handed to operators is whole: it parses and names what exists."""
