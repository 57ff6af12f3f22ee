"""Login and tokens with a real identity provider, made by others, in a process of its own."""
