"""Let an administrator in again."""

from pathlib import Path

import click

from app.cli.common import data_option, opened, say
from app.domain import AppError, Invalid
from app.services.accounts import recover


@click.command("reset-password")
@data_option
@click.argument("username")
def reset_password(data: Path, username: str) -> None:
    """Give the administrator USERNAME another first password, to be changed when they sign in.

    Everybody else is given one by their administrator. It is written down in the history.
    """
    deps = opened(data)
    try:
        while True:
            password = click.prompt(
                say("新密码", "New password"),
                hide_input=True,
                confirmation_prompt=say("再次输入密码", "The password again"),
            )
            try:
                recover(deps, username, password)
            except Invalid as wrong:
                click.echo(str(wrong.errors["/password"]))
            else:
                break
    except AppError as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        deps.database.close()
    click.echo(say("密码已重设，首次登录须修改", "The password is set, to be changed at sign-in"))
