"""Sealed: a center whose root key its custodians hold answers nothing and waits for their shares.

The main port says "sealed" to everyone. The page at ``/unseal`` stands on the admin listener and, for the command line,
on a Unix socket in the home. It knows no login and no cookie: a true share is the authentication.
"""
