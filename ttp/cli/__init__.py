"""The command line: every command is one file, imported only when it is called."""
