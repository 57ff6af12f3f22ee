"""Answers of a sealed center: the main port says that it is sealed; the admin listener also takes shares."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import orjson
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect

from keys.errors import CannotUnseal
from ttp.config import Settings
from ttp.core.errors import NotAllowed, NotFound, Sealed, TTPError
from ttp.http.problems import TYPE, http_problem, named_problem, problem_response, status_of
from ttp.sealed.page import POLICY, unseal_page
from ttp.sealed.texts import LANGUAGES, TEXTS, refusal_text
from ttp.sealed.unsealing import Unsealing

MAX_BODY = 4096
JSON = "application/json"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Application = Callable[[Request], Response]


class SmallRequest(Request):
    """A request of at most 4 KiB: a share has 89 characters."""

    max_content_length = MAX_BODY


def sealed_answer(request: Request, unsealing: Unsealing) -> Response:
    """What everybody hears: alive, and sealed."""
    if request.path == "/livez":
        return Response(orjson.dumps({"status": "alive"}), mimetype=JSON)
    return named_problem(Sealed(missing=unsealing.missing))


def refusing_answer(request: Request, error: TTPError) -> Response:
    """What everybody hears of a center that is unsealed and may not be served: alive, and why."""
    if request.path == "/livez":
        return Response(orjson.dumps({"status": "alive"}), mimetype=JSON)
    return named_problem(error)


class AdminAnswers:
    """The unseal page, for people and for ``ttp unseal``."""

    def __init__(self, settings: Settings, unsealing: Unsealing) -> None:
        self._settings = settings
        self._unsealing = unsealing

    def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            NotAllowed: a page of another site sent it, or it was led here under a foreign name.
        """
        if request.path == "/":
            return redirect("/unseal", 303)
        if request.path != "/unseal":
            return sealed_answer(request, self._unsealing)
        self._require_own_page(request)
        if request.method in {"GET", "HEAD"}:
            return self._page(request)
        if request.method == "POST":
            return self._enter(request)
        raise NotFound

    def _enter(self, request: Request) -> Response:
        share = request.form.get("share", "")
        if request.accept_mimetypes.best_match(("text/html", JSON), "text/html") == JSON:
            return self._for_program(share)
        language = self._language(request)
        texts = TEXTS[language]
        try:
            accepted = self._unsealing.enter(share)
        except CannotUnseal as error:
            told = refusal_text(language, error, self._unsealing.statement)
            return self._page(request, status=422, told=told)
        except TTPError as error:
            return self._page(request, status=status_of(error), told=texts[error.code])
        return self._page(request, told=texts["accepted"].format(custodian=accepted.custodian))

    def _for_program(self, share: str) -> Response:
        try:
            accepted = self._unsealing.enter(share)
        except CannotUnseal as error:
            title = error.code.replace("-", " ")
            detail = f"{str(error)[:1].upper()}{str(error)[1:]}."
            problem = {"type": TYPE + error.code, "code": error.code, "title": title}
            return problem_response(422, {**problem, "detail": detail})
        counted = {"custodian": accepted.custodian, "missing": accepted.missing}
        return Response(orjson.dumps(counted), mimetype=JSON)

    def _page(self, request: Request, *, status: int = 200, told: str = "") -> Response:
        page = unseal_page(
            self._settings,
            self._unsealing,
            language=self._language(request),
            told=told,
            wrong=status != 200,
        )
        return Response(page, status, mimetype="text/html")

    def _language(self, request: Request) -> str:
        chosen = request.args.get("language")
        if chosen in LANGUAGES:
            return chosen
        return request.accept_languages.best_match(LANGUAGES) or self._settings.language

    def _require_own_page(self, request: Request) -> None:
        """Neither a form of another site nor a name that was made to point here reaches the page."""
        public = urlsplit(self._settings.url).hostname
        if request.host.rsplit(":", 1)[0] not in {*_LOOPBACK, self._settings.admin_host, public}:
            raise NotAllowed("The unseal page has another name.")
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
        led_here = request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
        if request.method == "POST" and (foreign or led_here):
            raise NotAllowed("Shares are entered on this page only.")


def application(answer: Application) -> Callable[..., object]:
    """The WSGI application of an answer: errors become problems, and headers forbid everything else."""

    @SmallRequest.application
    def answered(request: Request) -> Response:
        try:
            response = answer(request)
        except TTPError as error:
            response = named_problem(error)
        except HTTPException as error:
            response = http_problem(error)
        response.headers.update(
            {
                "Content-Security-Policy": POLICY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cache-Control": "no-store",
            }
        )
        return response

    return answered
