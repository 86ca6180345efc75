"""What wants a yes before words move on, and the form that gives it."""

from dataclasses import dataclass

from flask import request

from notifier.domain.versions import TemplateKey
from notifier.services.questions import Questions


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be confirmed, and by which form."""

    questions: Questions
    action: str  # below the template's address
    word: str  # on its button
    number: int = 0  # of the draft that was kept
    reason: str = ""  # as it was given
    sends: str = ""  # likewise, of a switch


@dataclass(frozen=True, slots=True)
class AskedPage:
    key: TemplateKey
    at: dict[str, str]  # the parts of the template's address
    asked: Asked


def confirmed() -> list[str]:
    """The questions that the form says yes to."""
    return request.form.getlist("confirm")
