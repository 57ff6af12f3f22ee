"""Texts of the unseal page: German and English; what is wrong with a share is told by its code, never by showing it."""

from __future__ import annotations

from typing import Final

from keys.custody.errors import ShareFalse, ShareMalformed, ShareRepeated
from keys.custody.quorum import Statement
from keys.errors import CannotUnseal

LANGUAGES: Final = ("de", "en")

TEXTS: Final = {
    "de": {
        "title": "{center} ist versiegelt",
        "lead": "Dieses Treuhandzentrum öffnet sich, wenn {threshold} von {count} Verwahrenden ihren Anteil eingeben.",
        "label": "Ihr Anteil (18 Gruppen zu 4 Zeichen)",
        "hint": "Groß- und Kleinschreibung, Leerzeichen und Bindestriche sind gleichgültig.",
        "button": "Anteil eingeben",
        "entered": "Gezählt: {names}",
        "nobody": "Noch niemand hat einen Anteil eingegeben.",
        "missing": "Es fehlen noch: {missing}",
        "accepted": "Der Anteil von {custodian} ist gezählt.",
        "open": "Das Zentrum ist geöffnet und beginnt seinen Dienst. Diese Seite wird nicht mehr gebraucht.",
        "other": "English",
        "share-malformed": "Das ist kein Anteil: Zeichen fehlen, sind zu viel, falsch oder vertauscht.",
        "share-malformed-group": "Wahrscheinlich ist ein Zeichen in Gruppe {group} falsch.",
        "share-foreign": "Dieser Anteil gehört nicht zum Quorum {quorum}.",
        "share-outdated": "Dieser Anteil gehört zu einer anderen Epoche; in Kraft ist Epoche {epoch}.",
        "share-false": "Der Anteil von {custodian} ist falsch: so wurde er nicht ausgegeben. Brechen Sie ab.",
        "share-repeated": "Der Anteil von {custodian} ist schon gezählt.",
        "custody-file-changed": "Die Anteile sind echt, aber die Quorum-Datei wurde verändert. Brechen Sie ab.",
        "cannot-unseal": "Die Quorum-Datei ist nicht lesbar.",
        "too-many-shares": "Höchstens zehn Eingaben in der Minute. Warten Sie und geben Sie den Anteil erneut ein.",
        "already-unsealed": "Das Zentrum ist schon geöffnet.",
    },
    "en": {
        "title": "{center} is sealed",
        "lead": "This trust center opens when {threshold} of {count} custodians have entered their shares.",
        "label": "Your share (18 groups of 4 characters)",
        "hint": "Capitals, spaces and hyphens do not matter.",
        "button": "Enter share",
        "entered": "Counted: {names}",
        "nobody": "Nobody has entered a share yet.",
        "missing": "Still missing: {missing}",
        "accepted": "The share of {custodian} is counted.",
        "open": "The center is unsealed and begins to serve. This page is not needed any more.",
        "other": "Deutsch",
        "share-malformed": "This is no share: characters are missing, wrong, too many or have changed places.",
        "share-malformed-group": "A character in group {group} is probably wrong.",
        "share-foreign": "This share is not one of quorum {quorum}.",
        "share-outdated": "This is a share of another epoch; epoch {epoch} is in force.",
        "share-false": "The share of {custodian} is false: it was not dealt like this. Stop here.",
        "share-repeated": "The share of {custodian} is already counted.",
        "custody-file-changed": "The shares are true, but the custody file was changed. Stop here.",
        "cannot-unseal": "The custody file cannot be read.",
        "too-many-shares": "At most ten entries a minute. Wait and enter the share again.",
        "already-unsealed": "The center is unsealed already.",
    },
}


def refusal_text(language: str, error: CannotUnseal, statement: Statement) -> str:
    """What is wrong with a share, in this language."""
    texts, code = TEXTS[language], error.code
    if isinstance(error, ShareMalformed) and error.group is not None:
        return texts["share-malformed-group"].format(group=error.group)
    custodian = error.custodian if isinstance(error, ShareFalse | ShareRepeated) else ""
    sentence = texts.get(code, texts["cannot-unseal"])
    return sentence.format(custodian=custodian, quorum=statement.quorum, epoch=statement.epoch)
