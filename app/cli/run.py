"""Serve the pages: make the database if it is not there, then print where to find them."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from waitress.server import create_server

from app.cli.common import data_option, say, step
from app.cli.keeper import Keeper
from app.domain import AppError, Conflict, Invalid
from app.services import Deps, installation, procedures, workdays
from app.services.accounts import AccountForm
from app.services.checklists import keeping
from app.services.clauses import keeping as clauses
from app.services.demo import filling
from app.services.documents import shipped
from app.services.rankings import rules
from app.services.reports import tables
from app.web import create_app
from config import ROOT, Config

THREADS = 8


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--empty",
    is_flag=True,
    help=say("建立正式系统，不装演示数据", "make a real installation, without demo data"),
)
@click.option(
    "--proxy",
    envvar="BIHUAN_PROXY",
    help=say(
        "反向代理的地址；只有它可以说明真实的来访地址",
        "address of the reverse proxy, the only one to be believed about where a request is from",
    ),
)
def run(data: Path, host: str, port: int, proxy: str | None, *, empty: bool) -> None:
    """Serve the pages and the API until stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server then stops as for Ctrl-C
    if port:  # papers name the address of the pages; the worker that is started here knows it too
        os.environ.setdefault("BIHUAN_SITE", f"http://{host}:{port}")
    config = Config.load(data)
    deps = config.deps()
    prepare(deps, empty=empty)
    with step(say("部署随附流程", "deploy the procedures that came along")):
        procedures.install(deps, ROOT)
    app = create_app(config, deps)
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident="bihuan",
            clear_untrusted_proxy_headers=True,
            trusted_proxy=proxy,
            trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"} if proxy else set(),
        )
    except OSError as taken:
        raise click.ClickException(
            say(
                f"无法监听 {host}:{port}（{taken.strerror}），请用 --port 换一个端口",
                f"Cannot listen on {host}:{port} ({taken.strerror}); choose another --port",
            )
        ) from taken
    # "localhost" can be two addresses, and then the server has no port of its own
    port = getattr(server, "effective_port", port)
    try:
        announce(deps, host, port)
        with Keeper(config.data):
            server.run()
    except KeyboardInterrupt:
        pass  # Ctrl-C while something was still starting; later the server minds it itself
    finally:
        server.close()
        deps.database.close()
        click.echo(say("\n已停止", "\nStopped"))


def prepare(deps: Deps, *, empty: bool) -> None:
    """Bring the schema up to date, and make the installation on the first start."""
    if not installation.is_current(deps.database):
        with step(say("建立或升级数据库", "make or upgrade the database")):
            try:
                installation.migrate(deps.database)
            except AppError as refused:  # the data must be corrected first
                raise click.ClickException(str(refused)) from refused
    if installation.exists(deps.database):
        workdays.install(deps)
        keeping.install(deps)
        tables.install(deps)
        rules.install(deps)
        clauses.install(deps)
        with told():
            shipped.install(deps)
        return
    if empty:
        first_administrator(deps)
        return
    try:
        with step(say("装入演示数据", "fill in the demo data")), told():
            filling.fill(deps)
    except Conflict:
        if not installation.exists(deps.database):
            raise
        # another process was faster; what it filled in serves both


def first_administrator(deps: Deps) -> None:
    """Ask for what a real installation begins with, and again for what of it is wrong."""
    click.echo(say("建立正式系统，请填写：", "A real installation begins with:"))
    questions = {
        "/place": say("行政区划代码（2、4 或 6 位）", "Division code (2, 4 or 6 digits)"),
        "/division": say("行政区划名称", "Name of the division"),
        "/bureau": say("应急管理部门全称", "Full name of the emergency bureau"),
        "/username": say("首位系统管理员用户名", "Username of the first administrator"),
        "/name": say("姓名", "Their name"),
        "/password": say("密码", "Password"),
    }
    repeat = say("再次输入密码", "The password again")
    typed: dict[str, str] = {}
    wrong = list(questions)
    while wrong:
        for at in wrong:
            hidden = at == "/password"
            typed[at] = click.prompt(
                questions[at], hide_input=hidden, confirmation_prompt=hidden and repeat
            )
        admin = AccountForm(username=typed["/username"], name=typed["/name"])
        division = typed["/place"], typed["/division"]
        try:
            installation.create(deps, division, typed["/bureau"], admin, typed["/password"])
        except Invalid as invalid:
            wrong = [at for at in questions if at in invalid.errors]
            for at in wrong:
                click.echo(f"{questions[at]}: {invalid.errors[at]}")
        else:
            wrong = []


@contextmanager
def told() -> Iterator[None]:
    """Say in one line what of the operator's own is wrong, and where."""
    try:
        yield
    except Invalid as invalid:
        wrong = "; ".join(f"{at} {text}" for at, text in invalid.errors.items())
        raise click.ClickException(wrong) from invalid


def announce(deps: Deps, host: str, port: int) -> None:
    """Print where the pages are and, in a demo, who can sign in."""
    shown = f"[{host}]" if ":" in host else host
    if deps.installation.demo:
        listed = filling.accounts(deps)
        click.echo(say("\n演示账号（虚构人员）：", "\nDemo accounts (invented people):"))
        for account in listed:
            if not account.listed:
                click.echo(f"  {account.username:<20} {account.name}  {account.organisation}")
        click.echo(
            say(
                f"  密码均为 {listed[0].password}，签名口令均为 {listed[0].pin}",
                f"  every password is {listed[0].password}, every signing PIN {listed[0].pin}",
            )
        )
    click.echo(say("\n打开  ", "\nOpen  ") + f"http://{shown}:{port}/")
    if host not in ("127.0.0.1", "::1", "localhost"):
        click.echo(
            say(
                f"（对外监听；本机名 {socket.gethostname()}，请在前面设置 HTTPS）",
                f"(listening to the outside as {socket.gethostname()}; put HTTPS in front)",
            )
        )
    click.echo(say("按 Ctrl-C 停止", "Ctrl-C stops"))
