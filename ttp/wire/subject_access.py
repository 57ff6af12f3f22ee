"""The document of a subject access: one German page that needs nothing else and prints well, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from ttp.core.subject_report import HeldIdentity, HeldVersion, SubjectReport

FORMAT = "ttp-subject-access/1"

FIELDS = {
    "given_name": "Vorname",
    "surname": "Nachname",
    "birth_name": "Geburtsname",
    "birth_date": "Geburtsdatum",
    "sex": "Geschlecht",
    "postcode": "Postleitzahl",
    "city": "Ort",
    "kvnr": "Krankenversichertennummer",
}
CONTACTS = {"phone": "Telefon", "email": "E-Mail", "street": "Straße"}
STATES = {"active": "aktiv", "inactive": "ruhend", "deleted": "gelöscht"}
CHANGES = {
    "deactivated": "ruhend gestellt",
    "reactivated": "wieder aktiv",
    "deleted": "gelöscht",
    "pinned": "als maßgeblich festgelegt",
    "unpinned": "nicht mehr als maßgeblich festgelegt",
}
VERDICTS = {
    "same": "dieselbe Person",
    "different": "verschiedene Personen",
    "later": "später entscheiden",
    "split": "Person aufgeteilt",
}
PROVISIONS = {"permit": "erlaubt", "deny": "abgelehnt"}
ACTS = {
    "identities.registered": "Datensatz übernommen",
    "identities.found": "Datensatz gesucht",
    "identities.read": "Angaben gelesen",
    "identities.linked": "Datensätze zugeordnet",
    "identities.rematched": "Datensatz erneut abgeglichen",
    "identities.deactivated": "Datensatz ruhend gestellt",
    "identities.reactivated": "Datensatz wieder aktiv",
    "identities.deleted": "Datensatz gelöscht",
    "identity.preferred": "maßgeblichen Datensatz festgelegt",
    "persons.searched": "Person gesucht",
    "person.shown": "Person verdeckt angezeigt",
    "person.revealed": "Person im Klartext angezeigt",
    "cases.opened": "Zweifelsfall angelegt",
    "case.revealed": "Zweifelsfall im Klartext angezeigt",
    "case.decided": "Zweifelsfall entschieden",
    "decision.undone": "Entscheidung zurückgenommen",
    "consent.recorded": "Einwilligung aufgenommen",
    "encodings.submitted": "verschlüsselte Merkmale übermittelt",
    "evidence.answered": "Übereinstimmung von Merkmalen mitgeteilt",
    "pseudonyms.issued": "Pseudonym mitgeteilt",
    "pseudonyms.resolved": "Pseudonym aufgelöst",
    "pseudonyms.re-identified": "re-identifiziert",
    "pseudonyms.anonymized": "Verbindung zum Pseudonym gelöscht",
    "pseudonyms.deleted": "Pseudonym gelöscht",
    "subject-access.given": "Auskunft erteilt",
    "audit.subject-traced": "Protokoll zu dieser Person gelesen",
}

_STYLE = """
body{font:11pt/1.45 system-ui,sans-serif;color:#111;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #555}h3{font-size:1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}caption{text-align:left;font-weight:600;padding:.25rem 0}
@page{margin:2cm}@media print{body{margin:0;max-width:none;padding:0}tr,h3{break-inside:avoid}h2{break-after:avoid}
thead{display:table-header-group}}
"""

_RIGHTS = (
    "Sie haben das Recht auf Berichtigung unrichtiger Angaben (Artikel 16 DSGVO), auf Löschung (Artikel 17), auf"
    " Einschränkung der Verarbeitung (Artikel 18), auf Widerspruch (Artikel 21) und darauf, eine Einwilligung jederzeit"
    " zu widerrufen (Artikel 7 Absatz 3). Sie können sich bei einer Datenschutz-Aufsichtsbehörde beschweren (Artikel"
    " 77)."
)
_PURPOSE = (
    "Die Treuhandstelle führt Angaben, die Personen erkennbar machen, getrennt von medizinischen Daten, vergibt"
    " Pseudonyme und verwaltet Einwilligungen. Die Angaben stammen aus den unten genannten Quellen. Ein Abgleich durch"
    " das Programm entscheidet, ob Datensätze dieselbe Person meinen; Zweifelsfälle entscheiden Menschen. Eine"
    " automatisierte Entscheidung im Sinne von Artikel 22 DSGVO findet nicht statt."
)
_NUMBERS = (
    "Ein Pseudonym ist hier genannt, wenn eine Ihrer Kennungen in dem Bereich bekannt ist. Vergeben zwei Systeme"
    " gleiche Nummern, kann es zu jemand anderem gehören."
)


def as_html(report: SubjectReport) -> str:
    """The page: UTF-8, no script, no link to anything outside."""
    held = report.held
    parts = [
        "<!doctype html><html lang='de'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'><title>Auskunft nach Artikel 15 DSGVO</title>",
        f"<style>{_STYLE}</style></head><body><main><h1>Auskunft nach Artikel 15 DSGVO</h1>",
        _table("", ["Angabe", "Wert"], _head(report)),
        f"<p>{_PURPOSE}</p><h2>Datensätze</h2>",
        *(_identity(number, one) for number, one in enumerate(held.identities, start=1)),
        f"<h2>Pseudonyme und Projekte</h2><p>{_NUMBERS}</p>",
        _table(
            "",
            ["Bereich", "Projekt", "Kennung", "Pseudonyme", "Mitgeteilt an"],
            _pseudonyms(report),
        ),
        "<h2>Einwilligungen</h2>",
        _table(
            "", ["Gegenstand", "Aussage", "gilt ab", "gilt bis", "erklärt am"], _consents(report)
        ),
        "<h2>Entscheidungen von Menschen</h2>",
        _table("", ["Entscheidung", "durch", "am", "zurückgenommen am"], _decisions(report)),
        "<h2>Zugriffe und Mitteilungen</h2>",
        _table("", ["Zeit", "wer", "was", "Bereich", "Zweck"], _disclosures(report)),
        f"<h2>Ihre Rechte</h2><p>{_RIGHTS}</p></main></body></html>\n",
    ]
    return "".join(parts)


def as_json(report: SubjectReport) -> dict[str, Any]:
    """The same as plain values; orjson writes times and IDs."""
    held = report.held
    return {
        "format": FORMAT,
        "center": report.center,
        "made_at": report.made_at,
        "approval": report.approval,
        "requested_by": report.requested_by,
        "approved_by": report.approved_by,
        "identities": [_plain_identity(one) for one in held.identities],
        "projects": held.projects,
        "pseudonyms": _plain(
            held.pseudonyms, "domain", "project", "value", "count", "pseudonyms", "recipients"
        ),
        "consents": _plain(
            held.consents, "policy", "provision", "valid_from", "valid_to", "stated_at"
        ),
        "decisions": _plain(held.decisions, "verdict", "by", "at", "undone_at"),
        "disclosures": _plain(report.disclosures, "at", "actor", "action", "scope", "purpose"),
    }


def _plain(entries: Sequence[object], *names: str) -> list[dict[str, Any]]:
    """Of each entry the attributes named, and no others: what a document tells is chosen here."""
    return [{name: getattr(one, name) for name in names} for one in entries]


def _plain_identity(one: HeldIdentity) -> dict[str, Any]:
    return {
        "source": one.source,
        "state": one.state.value,
        "since": one.created_at,
        "versions": [
            {
                "version": version.number,
                "at": version.at,
                "record_id": version.data.record_id,
                "fields": dict(version.data.fields),
                "identifiers": [[each.system, each.value] for each in version.data.identifiers],
                "contacts": [[each.kind.value, each.value] for each in version.data.contacts],
            }
            for version in one.versions
        ],
        "changes": [{"kind": each.kind.value, "at": each.at} for each in one.changes],
    }


def _head(report: SubjectReport) -> list[Sequence[str]]:
    return [
        ("Treuhandstelle", report.center),
        ("Erstellt am", _time(report.made_at)),
        ("Vorgang", str(report.approval)),
        ("Beantragt durch", report.requested_by),
        ("Genehmigt durch", report.approved_by),
    ]


def _identity(number: int, one: HeldIdentity) -> str:
    preferred = ", maßgeblich" if number == 1 else ""
    head = f"{number}. Quelle {one.source} ({STATES[one.state.value]}{preferred})"
    tables = [_version(version) for version in reversed(one.versions)]
    changes = [(CHANGES[each.kind.value], _time(each.at)) for each in one.changes]
    if changes:
        tables.append(_table("Änderungen", ["Was", "Wann"], changes))
    return f"<section><h3>{escape(head)}</h3>{''.join(tables)}</section>"


def _version(version: HeldVersion) -> str:
    data = version.data
    rows = [("Nummer in der Quelle", data.record_id or "–")]
    rows += [(label, data.fields[name]) for name, label in FIELDS.items() if name in data.fields]
    rows += [(f"Kennung {one.system}", one.value) for one in data.identifiers]
    rows += [(CONTACTS[one.kind.value], one.value) for one in data.contacts]
    return _table(f"Fassung {version.number} vom {_time(version.at)}", ["Angabe", "Wert"], rows)


def _pseudonyms(report: SubjectReport) -> list[Sequence[str]]:
    return [
        (
            one.domain,
            one.project or "–",
            one.value or "diese Person",
            ", ".join(one.pseudonyms) if one.pseudonyms is not None else f"Anzahl: {one.count}",
            ", ".join(one.recipients) or "–",
        )
        for one in report.held.pseudonyms
    ]


def _consents(report: SubjectReport) -> list[Sequence[str]]:
    return [
        (
            one.policy,
            PROVISIONS[one.provision.value],
            _time(one.valid_from),
            _time(one.valid_to) if one.valid_to else "unbefristet",
            _time(one.stated_at),
        )
        for one in report.held.consents
    ]


def _decisions(report: SubjectReport) -> list[Sequence[str]]:
    return [
        (
            VERDICTS.get(one.verdict, one.verdict),
            one.by,
            _time(one.at),
            _time(one.undone_at) if one.undone_at else "–",
        )
        for one in report.held.decisions
    ]


def _disclosures(report: SubjectReport) -> list[Sequence[str]]:
    return [
        (_time(one.at), one.actor, _meaning(one.action), one.scope or "–", one.purpose or "–")
        for one in report.disclosures
    ]


def _meaning(action: str) -> str:
    return ACTS.get(action, f"Vorgang {action}")


def _table(caption: str, heads: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>Nichts gespeichert.</p>"
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f"<th scope='col'>{escape(one)}</th>" for one in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _time(at: datetime) -> str:
    return f"{at:%d.%m.%Y, %H:%M} UTC"
