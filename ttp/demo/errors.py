"""What can keep the demonstration from running, said so that the person at the keyboard knows what to do."""

from __future__ import annotations

from ttp.core.errors import TTPError


class PortTaken(TTPError):
    """A port of the demonstration is in use; end what uses it or choose others with --port."""

    code = "port-taken"


class NotADemo(TTPError):
    """The directory holds something that the demonstration did not make; name another with --directory."""

    code = "not-a-demo"


class CenterSilent(TTPError):
    """A center did not become ready in time; its log says why."""

    code = "center-silent"


class DemoFailed(TTPError):
    """A step of the demonstration did not come to the result that it shows."""

    code = "demo-failed"
