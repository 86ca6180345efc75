"""`/docs`: the contract as a page to read and to try, without any network but ours.

Swagger UI's files come in a wheel (`flask-swagger-ui`); the page around them is ours, since
theirs starts itself with an inline script, which no page here may have.
"""

from importlib import resources

from flask import Blueprint, Response, abort, render_template, request

from notifier.web.contract.words import WORDS, Words

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {  # by name: the package and the folder in it
    "docs.js": (__name__, ""),
    "docs.css": (__name__, ""),
    "swagger-ui-bundle.js": ("flask_swagger_ui", "dist"),
    "swagger-ui.css": ("flask_swagger_ui", "dist"),
}
_MEDIA_TYPES = {"js": "text/javascript", "css": "text/css"}
_DEFAULT_LANGUAGE = "vi"


def blueprint() -> Blueprint:
    """The page and its files."""
    routes = Blueprint("contract", __name__, url_prefix="/docs", template_folder="templates")

    @routes.get("")
    def page() -> Response:
        language = request.args.get("lang", _DEFAULT_LANGUAGE)
        words: Words = WORDS.get(language, WORDS[_DEFAULT_LANGUAGE])
        response = Response(render_template("contract.html", words=words))
        response.headers["Content-Security-Policy"] = _CSP
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @routes.get("/<name>")
    def asset(name: str) -> Response:
        if name not in _FILES:
            abort(404)
        package, folder = _FILES[name]
        media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        body = resources.files(package).joinpath(folder, name).read_bytes()
        return Response(body, content_type=f"{media_type}; charset=utf-8")

    return routes
