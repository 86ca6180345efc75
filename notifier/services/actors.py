"""Who asks: a machine by its API key, or a person by their session; and where they may what."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from notifier.domain.people import Grant, Permission
from notifier.services.catalogue import Known
from notifier.services.views import NotFound, ScopeMissing


class Actor(Protocol):
    """Whoever a service acts for: `Caller` (an API key) or `Staff`."""

    @property
    def id(self) -> str:
        """How the audit log calls them."""
        ...

    def has(self, permission: Permission) -> bool:
        """Whether they may do this anywhere."""
        ...

    def everywhere(self, permission: Permission) -> bool:
        """Whether they may do this at every office there is and will be."""
        ...

    def offices(self, permission: Permission, known: Known) -> frozenset[str]:
        """The offices where they may do this."""
        ...


@dataclass(frozen=True, slots=True)
class Staff:
    """A person with a valid session."""

    id: str
    session_id: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    grants: tuple[Grant, ...]
    password_is_temporary: bool
    has_second_factor: bool

    def has(self, permission: Permission) -> bool:
        return any(grant.allows(permission) for grant in self.grants)

    def everywhere(self, permission: Permission) -> bool:
        return any(grant.office is None and grant.allows(permission) for grant in self.grants)

    def offices(self, permission: Permission, known: Known) -> frozenset[str]:
        if self.everywhere(permission):
            return known.office_ids
        granted = {grant.office for grant in self.grants if grant.allows(permission)}
        return frozenset(
            office for office in known.office_ids if granted.intersection(known.lineage(office))
        )


def require(actor: Actor, permission: Permission) -> None:
    """Raises `ScopeMissing` unless the actor may do this anywhere."""
    if not actor.has(permission):
        raise ScopeMissing(permission)


def require_everywhere(actor: Actor, permission: Permission) -> None:
    """Raises `ScopeMissing` unless the actor may do this for every office at once."""
    if not actor.everywhere(permission):
        raise ScopeMissing(permission)


def require_at(
    actor: Actor, permission: Permission, office: str, known: Known, *, sees: Permission
) -> None:
    """Raises `ScopeMissing`, or `NotFound` where the actor may not even see the office's."""
    require(actor, permission)
    if office in actor.offices(permission, known):
        return
    if office in actor.offices(sees, known):
        raise ScopeMissing(permission)
    raise NotFound("there is nothing here")


def require_office(by: Actor | None, permission: Permission, office_id: str, known: Known) -> None:
    """For what is also done by a command, where `by` is nobody: the office is there besides.

    Raises `ScopeMissing` or `NotFound`.
    """
    if by is not None:
        require_at(by, permission, office_id, known, sees=Permission.MESSAGES_READ)
    if office_id not in known.office_ids:
        raise NotFound(f"there is no office {office_id} (`baotin offices list`)")


def covers(actor: Actor, permission: Permission, grants: Collection[Grant], known: Known) -> bool:
    """Whether the actor may do this wherever these grants reach."""
    if actor.everywhere(permission):
        return True
    offices = actor.offices(permission, known)
    return all(grant.office is not None and grant.office in offices for grant in grants)
