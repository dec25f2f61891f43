"""Signing PINs that were forgotten: who takes one away, so that its owner sets another."""

from app.domain import Conflict, Forbidden, entered
from app.domain.access import Permission, Thing
from app.domain.history import Stream
from app.domain.text import T
from app.services import Work
from app.services.accounts import end_sessions, managed, require_reach
from app.services.pdf import certificates, keys


def release(work: Work, account_id: int, reason: str, *, revoke: bool = False) -> None:
    """Let somebody who forgot their signing PIN set a new one; `revoke` takes its certificate back.

    The key that the PIN opened is gone. What it signed counts, unless the PIN may be known to
    somebody else: then the certificate is to be revoked.

    :raises Forbidden: if the account can act outside the administrator's area, or the administrator
        gave it its password: with both, one person could sign in its owner's name
    :raises Invalid: if the reason is missing
    :raises Conflict: if there is no PIN
    """
    account = managed(work, account_id)
    grant = work.require(Permission.MANAGE_KEYS, Thing(place=account.place, account=account.id))
    require_reach(work, account)
    if account.password_by == work.me:
        raise Forbidden(T("该用户的密码由您设置，签名口令须由其他管理员解除"))
    reason = entered.reason(reason)
    if account.pin_hash is None:
        raise Conflict(T("该用户没有签名口令"))
    account.pin_hash, account.pin_released_by = None, work.me
    end_sessions(work, account.id)
    work.record(Stream.ACCOUNT, account.id, "pin.release", grant, reason=reason)
    key = keys.of_account(work, account.id)
    if revoke and key is not None:
        certificates.revoke(work, key, reason)
    else:
        keys.retire(work, account.id)
