"""The unseal page: one form, no script, no cookie, nothing from elsewhere; what was typed is never shown again."""

from __future__ import annotations

import base64
from html import escape
from string import Template
from typing import Final

from keys.digests import sha256
from ttp.config import Settings
from ttp.sealed.texts import LANGUAGES, TEXTS
from ttp.sealed.unsealing import Unsealing

_STYLE: Final = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1b1f24;background:#f6f7f9;margin:0}"
    "main{max-width:38rem;margin:4rem auto;padding:2rem;background:#fff;border:1px solid #c9ced6}"
    "h1{font-size:1.5rem;margin-top:0}label{display:block;font-weight:600}"
    "textarea{width:100%;box-sizing:border-box;font:1.125rem/1.5 monospace;margin:.5rem 0}"
    "button{font:inherit;padding:.5rem 1.25rem;background:#0b4f8a;color:#fff;border:0}"
    "[role=status]{border-left:.25rem solid #0b4f8a;padding-left:.75rem}"
    "[role=alert]{border-left:.25rem solid #a3161a;padding-left:.75rem;color:#a3161a}"
)
POLICY: Final = (
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src "
    f"'sha256-{base64.b64encode(sha256(_STYLE.encode())).decode()}'"
)
_PAGE: Final = Template(
    """<!doctype html>
<html lang="$language">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><style>$style</style></head>
<body><main>
<h1>$title</h1>
$told
$body
<p><a href="/unseal?language=$other" lang="$other" hreflang="$other">$other_name</a></p>
</main></body></html>
"""
)
_FORM: Final = Template(
    """<p>$lead</p>
<p id="counted">$counted</p>
<p id="missing">$missing</p>
<form method="post" action="/unseal?language=$language" autocomplete="off">
<label for="share">$label</label>
<textarea id="share" name="share" rows="4" required autofocus autocomplete="off" autocapitalize="characters"
 spellcheck="false" aria-describedby="hint"></textarea>
<p id="hint">$hint</p>
<button type="submit">$button</button>
</form>"""
)


def unseal_page(
    settings: Settings, unsealing: Unsealing, *, language: str, told: str = "", wrong: bool = False
) -> str:
    """The page as it stands now; ``told`` is what became of the share just entered."""
    texts = TEXTS[language]
    other = next(known for known in LANGUAGES if known != language)
    note = f'<p role="{"alert" if wrong else "status"}">{escape(told)}</p>' if told else ""
    body = f"<p>{escape(texts['open'])}</p>" if unsealing.is_open else _form(unsealing, language)
    return _PAGE.substitute(
        language=language,
        title=escape(texts["title"].format(center=settings.name))
        if not unsealing.is_open
        else escape(settings.name),
        style=_STYLE,
        told=note,
        body=body,
        other=other,
        other_name=escape(texts["other"]),
    )


def _form(unsealing: Unsealing, language: str) -> str:
    texts, stated, entered = TEXTS[language], unsealing.statement, unsealing.entered
    counted = texts["entered"].format(names=", ".join(entered)) if entered else texts["nobody"]
    sentences = {
        "lead": texts["lead"].format(threshold=stated.threshold, count=len(stated.custodians)),
        "counted": counted,
        "missing": texts["missing"].format(missing=unsealing.missing),
        "label": texts["label"],
        "hint": texts["hint"],
        "button": texts["button"],
    }
    return _FORM.substitute(
        language=language, **{name: escape(sentence) for name, sentence in sentences.items()}
    )
