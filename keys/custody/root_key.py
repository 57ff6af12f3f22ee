"""The root key: 32 random bytes per center, from which everything is opened; wiped by whoever no longer needs it."""

ROOT_KEY_LENGTH = 32


class RootKey(bytearray):
    """The root key in the one place in memory where it stands; `wipe` leaves zeros there.

    It is never printed. `bytes(root)` and slices would make copies that nothing wipes: give the object itself to
    what reads buffers. What libraries keep of it is said in docs/cryptography.md, "Memory".
    """

    __slots__ = ()

    @classmethod
    def drawn(cls) -> "RootKey":
        """Draw a new one from the kernel, straight into its place."""
        root = cls(ROOT_KEY_LENGTH)
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - Path.open has no readinto type
            if source.readinto(root) != ROOT_KEY_LENGTH:
                raise OSError("the kernel gave too few random bytes")
        return root

    def wipe(self) -> None:
        """Overwrite it with zeros, where it stands."""
        self[:] = bytes(len(self))

    def __repr__(self) -> str:
        return "RootKey()"

    __str__ = __repr__
