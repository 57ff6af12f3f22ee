"""Options of ``ttp domain``: the form of pseudonyms and the description of a domain, for new ones and for changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttp.core.domains import PseudonymForm

Command = TypeVar("Command", bound="Callable[..., object]")

NAMED = (
    "digits",
    "digits-x",
    "digits-without-zero",
    "hex",
    "base32",
    "symbol31",
    "symbol32",
    "alphanumeric",
)
METHODS = (
    "none",
    "iso7064",
    "iso7064-mod-11-10",
    "iso7064-mod-37-36",
    "verhoeff",
    "damm",
    "hamming",
    "reed-solomon",
    "gpas-verhoeff",
    "gpas-verhoeff-gumm",
    "gpas-gumm",
    "gpas-damm",
    "gpas-hamming",
    "gpas-reed-solomon",
)
RULES = ("off", "validate", "ensure-exists", "cascade-delete")
FORM = (
    click.option("--alphabet", help=f"One of {', '.join(NAMED)}, or the characters (2 to 64)."),
    click.option("--length", type=int, help="Characters before check digits."),
    click.option("--prefix", help="Text before every pseudonym."),
    click.option("--suffix", help="Text after every pseudonym."),
    click.option("--delimiter", help="A character between groups."),
    click.option("--delimiter-every", type=int, help="After so many characters."),
    click.option(
        "--last-character-after", type=int, help="The alphabet's last one as delimiter, as in gPAS."
    ),
    click.option("--check-digits", type=click.Choice(METHODS), help="Reveal mistyped pseudonyms."),
    click.option("--detected-errors", type=click.IntRange(1, 9), help="Of Reed-Solomon codes."),
    click.option("--check-prefix/--no-check-prefix", default=None, help="Check the prefix too."),
    click.option("--check-suffix/--no-check-suffix", default=None, help="Check the suffix too."),
)
ABOUT = (
    click.option("--label", help="What people call it."),
    click.option("--comment", help="What it is for."),
    click.option("--owner", help="Who answers for it."),
)


def with_options(options: tuple[Callable[[Any], Any], ...]) -> Callable[[Command], Command]:
    """Give a command all of these options, in their order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def given_form(how: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form that were given."""
    from ttp.core.domains import alphabet_named

    names = [option for option in _FIELDS if how[option] is not None]
    shape = {_FIELDS[name]: how[name] for name in names}
    if "alphabet" in shape:
        shape["alphabet"] = alphabet_named(shape["alphabet"])
    return shape


_FIELDS = {
    "alphabet": "alphabet",
    "length": "length",
    "prefix": "prefix",
    "suffix": "suffix",
    "delimiter": "delimiter",
    "delimiter_every": "delimiter_every",
    "last_character_after": "last_character_after",
    "check_digits": "check",
    "detected_errors": "detected_errors",
    "check_prefix": "check_prefix",
    "check_suffix": "check_suffix",
}


def new_form(how: dict[str, Any]) -> PseudonymForm:
    """The form of a new domain. Raises InvalidField."""
    from ttp.core.domains import DEFAULT_ALPHABET, DEFAULT_LENGTH, PseudonymForm, alphabet_named

    usual = {"alphabet": alphabet_named(DEFAULT_ALPHABET), "length": DEFAULT_LENGTH}
    return PseudonymForm(**{**usual, **given_form(how)})
