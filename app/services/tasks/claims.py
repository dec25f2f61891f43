"""How long a claim binds: no longer than whoever claimed the task can do it.

People leave, change their post, or have stood in for somebody for a while. What they claimed is
then anybody's of the role again, with what they typed: an enterprise has no leader to hand it over.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select, Subquery, select, union

from app.domain.access import Actor, Grant, Role
from app.domain.documents import Act, handles
from app.models import table_of
from app.models.people import Account, Deputy, RoleGrant
from app.services import Work

# Plain tables: whether a claim binds does not hang on whose account the reader may see.
_ACCOUNT = table_of(Account).alias("able")
_GRANT, _DEPUTY = table_of(RoleGrant).alias("held"), table_of(Deputy).alias("standing")


def able(work: Work, organisation_id: int, role: Role) -> Select[int]:
    """Return the ids of who can do the tasks of a role: its holders, and who stands in for them."""
    found = _able(work, organisation_id, role)
    return select(found.c.id)


def _able(work: Work, organisation_id: int, role: Role) -> Subquery:
    holders = (
        select(_ACCOUNT.c.id)
        .join(_GRANT, _GRANT.c.account_id == _ACCOUNT.c.id)
        .where(_GRANT.c.organisation_id == organisation_id, _GRANT.c.role == role)
        .where(_ACCOUNT.c.active)
    )
    standing = (
        select(_ACCOUNT.c.id)
        .join(_DEPUTY, _DEPUTY.c.deputy_id == _ACCOUNT.c.id)
        .where(_DEPUTY.c.account_id.in_(holders), _DEPUTY.c.ended_at.is_(None), _ACCOUNT.c.active)
        .where(_DEPUTY.c.since <= work.now, _DEPUTY.c.until > work.now)
    )
    return union(holders, standing).subquery()


def binds(work: Work, organisation_id: int, role: Role, account_id: int | None) -> bool:
    """Test whether a task is somebody's own, because they claimed it and can do it."""
    if account_id is None:
        return False
    found = _able(work, organisation_id, role)
    known = select(found.c.id).where(found.c.id == account_id)
    return work.session.scalar(known.execution_options(unscoped="who can do a task")) is not None


def stands_in_for(actor: Actor, organisation_id: int, role: Role) -> set[int]:
    """Return in whose place somebody does the tasks of a role."""
    lane = (organisation_id, role)
    grants = (one for one in actor.grants if (one.organisation, one.role) == lane)
    return {one.on_behalf_of for one in grants if one.on_behalf_of is not None}


def best(actor: Actor, grant: Grant, assignee_id: int | None, words: Sequence[str]) -> Grant:
    """Return by which grant a task is done: as the deputy of whoever claimed it, if one is.

    But whoever holds the role signs in their own name: it is their place on the paper.

    :param words: what the task has to do with papers
    """
    if assignee_id == actor.id or handles(words, Act.SIGN):
        return grant
    if assignee_id not in stands_in_for(actor, grant.organisation, grant.role):
        return grant
    return replace(grant, on_behalf_of=assignee_id)
