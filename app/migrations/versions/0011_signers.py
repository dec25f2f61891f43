"""Who gave a password or released a PIN; a licence is of one person."""

import sqlalchemy as sa
from alembic import op

from app.domain import Conflict
from app.domain.text import T
from app.models import BigId

revision = "0011"
down_revision = "0010"

LICENSED = sa.text("licence <> ''")
SHARED = sa.text(
    "SELECT a.licence, a.username FROM account a WHERE a.licence IN ("
    "SELECT licence FROM account WHERE licence <> '' GROUP BY licence HAVING count(*) > 1"
    ") ORDER BY a.licence, a.username"
)


def upgrade() -> None:
    _refuse_shared_licences()
    op.add_column("account", sa.Column("password_by", BigId, nullable=True))
    op.add_column("account", sa.Column("pin_released_by", BigId, nullable=True))
    op.create_index(
        "ix__account__licence",
        "account",
        ["licence"],
        unique=True,
        sqlite_where=LICENSED,
        postgresql_where=LICENSED,
    )


def _refuse_shared_licences() -> None:
    """Say whose licence is which before the index would only say that two are the same.

    Nobody but an office knows who holds it: none is taken away here.
    """
    shared = op.get_bind().execute(SHARED).all()
    if shared:
        told = "；".join(f"{licence}：{username}" for licence, username in shared)
        raise Conflict(
            T("同一执法证号登记在多个用户名下，请先用原版本改正再升级。{shared}", shared=told)
        )
