import pytest
from flask import Flask, Response

from notifier.api import problems


def test_what_breaks_after_a_view_is_our_fault_and_not_a_thing_that_is_not_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask("broken")
    problems.register(app)
    app.add_url_rule("/", view_func=lambda: "fine")

    @app.after_request
    def break_(_: Response) -> Response:
        raise OSError("0938271645")

    answer = app.test_client().get("/")
    assert "0938271645" not in caplog.text
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal")
