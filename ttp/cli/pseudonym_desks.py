"""Desks: who answers ``ttp pseudonyms`` and ``ttp import``: the center of the home, or one over HTTP by API key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from ttp.cli.exchanges import api_key, home_goes_before_url
from ttp.cli.home import center_of
from ttp.cli.persons import acting

if TYPE_CHECKING:
    from ttp.client import Treuhandstelle
    from ttp.client.answers import Tree as ClientTree
    from ttp.core.access import Actor
    from ttp.core.center import Center
    from ttp.core.pseudonym_tree import Tree

Command = TypeVar("Command", bound=Callable[..., object])

Word = tuple[bool, str]
"""Whether it is as it should be, and the word for it: a pseudonym or a state, else the code of what is wrong."""
Pair = tuple[str, str]


class Desk(Protocol):
    """What both can do; answers stand in the order asked."""

    def validate(self, domain: str, texts: Sequence[str], *, exists: bool) -> list[Word]:
        """Whether each text has the form of the domain, and the word for it."""
        ...

    def translate(
        self, domain: str, into: str, texts: Sequence[str], *, reason: str, create: bool
    ) -> list[Word]:
        """The pseudonym of the other domain for each."""
        ...

    def tree(
        self, domain: str, value: str, *, original: bool, reason: str | None
    ) -> Tree | ClientTree:
        """Everything above and below."""
        ...

    def erase(self, pairs: Sequence[Pair], *, below: bool) -> tuple[dict[str, Any], int]:
        """The receipt, and how many originals were unknown."""
        ...

    def bring(self, domain: str, pairs: Sequence[tuple[Any, Any]]) -> list[Word]:
        """``new`` or ``known`` for each pair taken over."""
        ...


def at_a_desk(command: Command) -> Command:
    """Give a command the options ``--url`` and ``--key-file``."""
    key = click.option(
        "--key-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with the API key.",
    )
    url = click.option(
        "--url", "--center", "url", envvar="TTP_URL", help="URL of the center; else the home."
    )
    return url(key(command))


def desk_of(
    ctx: click.Context, url: str | None, key_file: Path | None, account: str | None = None
) -> Desk:
    """The desk that a command was told to ask.

    Raises:
        click.UsageError: a URL was given without an API key, or with an account.
    """
    if not url or home_goes_before_url(ctx):
        center = center_of(ctx)
        return Here(center, acting(center, account))
    if account is not None:
        raise click.UsageError("Over HTTP the API key says who asks; --as is for the home.")
    from ttp.client import Treuhandstelle

    return There(Treuhandstelle(url, api_key(key_file)))


@dataclass(frozen=True, slots=True)
class Here:
    """The center of the home."""

    center: Center
    actor: Actor

    def validate(self, domain: str, texts: Sequence[str], *, exists: bool) -> list[Word]:
        """See ``Desk``."""
        from ttp.services.pseudonyms.judge_pseudonyms import judge_pseudonyms

        judged = self.center.work.run(
            lambda tx: judge_pseudonyms(
                self.center, tx, self.actor, domain_name=domain, pseudonyms=texts, exists=exists
            )
        )
        states = [one.standing.state.name.lower() if one.standing else "unknown" for one in judged]
        return [
            (False, one.flaw.value) if one.flaw else (True, state if exists else "valid")
            for one, state in zip(judged, states, strict=True)
        ]

    def translate(
        self, domain: str, into: str, texts: Sequence[str], *, reason: str, create: bool
    ) -> list[Word]:
        """See ``Desk``."""
        from ttp.services.pseudonyms.translate_pseudonyms import translate_pseudonyms

        return _words(
            self.center.work.run(
                lambda tx: translate_pseudonyms(
                    self.center,
                    tx,
                    self.actor,
                    domain_name=domain,
                    into=into,
                    pseudonyms=texts,
                    reason=reason,
                    create=create,
                )
            ),
            "pseudonym",
        )

    def tree(self, domain: str, value: str, *, original: bool, reason: str | None) -> Tree:
        """See ``Desk``."""
        from ttp.services.pseudonyms.trace_pseudonyms import trace_pseudonyms

        asked = {"original": value} if original else {"pseudonym": value}
        return self.center.work.run(
            lambda tx: trace_pseudonyms(
                self.center, tx, self.actor, domain_name=domain, reason=reason, **asked
            )
        )

    def erase(self, pairs: Sequence[Pair], *, below: bool) -> tuple[dict[str, Any], int]:
        """See ``Desk``."""
        from ttp.services.pseudonyms.erase_originals import complete_receipt, erase_originals

        done = self.center.work.run(
            lambda tx: erase_originals(self.center, tx, self.actor, pairs=pairs, below=below)
        )
        receipt = complete_receipt(self.center, done.statement)
        return receipt, sum(not isinstance(one, tuple) for one in done.answers)

    def bring(self, domain: str, pairs: Sequence[tuple[Any, Any]]) -> list[Word]:
        """See ``Desk``."""
        from ttp.services.pseudonyms.import_pairs import import_pairs

        return _words(
            self.center.work.run(
                lambda tx: import_pairs(
                    self.center, tx, self.actor, domain_name=domain, pairs=pairs
                )
            )
        )


@dataclass(frozen=True, slots=True)
class There:
    """A center over HTTP."""

    session: Treuhandstelle

    def validate(self, domain: str, texts: Sequence[str], *, exists: bool) -> list[Word]:
        """See ``Desk``."""
        judged = self.session.validate(domain, texts, exists=exists)
        return [
            (False, one.problem) if one.problem else (True, one.state or "valid") for one in judged
        ]

    def translate(
        self, domain: str, into: str, texts: Sequence[str], *, reason: str, create: bool
    ) -> list[Word]:
        """See ``Desk``."""
        told = self.session.translate(domain, texts, into=into, create=create, reason=reason)
        return _words(told, "pseudonym")

    def tree(self, domain: str, value: str, *, original: bool, reason: str | None) -> ClientTree:
        """See ``Desk``."""
        return self.session.tree(domain, value, original=original, reason=reason)

    def erase(self, pairs: Sequence[Pair], *, below: bool) -> tuple[dict[str, Any], int]:
        """See ``Desk``."""
        from ttp.client.answers import Failed

        done = self.session.erase(pairs, below=below)
        return done.receipt, sum(isinstance(one, Failed) for one in done.results)

    def bring(self, domain: str, pairs: Sequence[tuple[Any, Any]]) -> list[Word]:
        """See ``Desk``."""
        return _words(self.session.import_pairs(domain, pairs))


def _words(answers: Sequence[Any], told: str = "") -> list[Word]:
    """Of each answer what it tells (``new`` or ``known`` without ``told``), or its code."""
    return [
        (False, one.code)
        if hasattr(one, "code")
        else (True, getattr(one, told) if told else "new" if one.created else "known")
        for one in answers
    ]
