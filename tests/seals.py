"""A seal service of the tests: it seals what it is sent, and misbehaves as it is told."""

import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.adapters.signature.outside import SealService
from app.adapters.signature.signing import Look, Slot, add_fields, put_seal
from tests import fakes
from tests.documents_made import NOW, Authority

ORGAN = "兴县应急管理局"
LOOK = Look(b"1 0 0 rg 0 0 100 100 re f", 100, 100)
SECRET = "known only to the two"


class Double:
    """A service on this machine, with an authority of its own.

    `does`: what it does with each question, the last for ever; a name of `WAYS`.
    """

    def __init__(self, *does, now=lambda: NOW):
        self.does = list(does) or ["seal"]
        self.now = now
        self.authority = Authority("电子印章中心")
        self.stamp = self.authority.identity("时间戳", "stamp")
        self.seals = {
            name: self.authority.identity(name, "seal", of=name) for name in (ORGAN, "他局")
        }
        self.asked = []
        self.sealed = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def service(self, **changes):
        given = {
            "address": f"http://127.0.0.1:{self.server.server_port}/seal",
            "roots": (self.authority.root.certificate,),
            "holder": ORGAN,
            "secret": SECRET,
            "patience": 5.0,
        }
        return SealService(**{**given, **changes})

    def seal(self, pdf, field="seal", organ=ORGAN, authority=None):
        made = authority or self.authority
        seal = self.seals[organ] if authority is None else made.identity(organ, "seal")
        stamp = self.stamp if authority is None else made.identity("时间戳", "stamp")
        return put_seal(pdf, field, seal, stamp, LOOK, "用印", self.now())

    def _handler(double):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_given):
                pass

            def do_POST(self):
                pdf = self.rfile.read(int(self.headers["Content-Length"]))
                told = dict(self.headers)
                does = double.does.pop(0) if len(double.does) > 1 else double.does[0]
                double.asked.append((told, pdf, does))
                WAYS[does](double, self, pdf, told)

            def answer(self, content, status=200, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def once(double, pdf, told):
    """Seal a paper once for each key, whatever happens to the answer."""
    key = told["Idempotency-Key"]
    if key not in double.sealed:
        double.sealed[key] = double.seal(pdf, told["Seal-Field"])
    return double.sealed[key]


def slow(double, handler, pdf, told):
    once(double, pdf, told)
    time.sleep(1.5)
    handler.close_connection = True


def drip(_double, handler, _pdf, _told):
    """An answer that never ends, a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    try:
        for _ in range(60):
            handler.wfile.write(b"%")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    handler.close_connection = True


def broken_off(double, handler, pdf, told):
    whole = once(double, pdf, told)
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    handler.wfile.write(whole[: len(whole) // 2])
    handler.close_connection = True


def other_paper(double, handler, _pdf, _told):
    box = fakes.Press.BOXES["seal"]
    handler.answer(double.seal(add_fields(fakes._empty_page(), [Slot("seal", box, "seal")])))


def changed_first(double, handler, pdf, _told):
    """Something is written into the paper before it is sealed."""
    handler.answer(double.seal(overwritten(pdf)))


def changed_then(double, handler, pdf, told):
    """Something is written into the paper after it was sealed."""
    handler.answer(overwritten(once(double, pdf, told)))


def overwritten(pdf):
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"(2030) Tj"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


WAYS = {
    "seal": lambda double, handler, pdf, told: handler.answer(once(double, pdf, told)),
    "slow": slow,
    "drip": drip,
    "broken off": broken_off,
    "busy": lambda _double, handler, _pdf, _told: handler.answer(b"", 503),
    "refuses": lambda _double, handler, _pdf, _told: handler.answer(b"no", 403),
    "elsewhere": lambda _double, handler, _pdf, _told: handler.answer(
        b"", 307, Location="http://127.0.0.1:9/seal"
    ),
    "endless": lambda _double, handler, pdf, _told: handler.answer(pdf + b"%" * 5_000_000),
    "echo": lambda _double, handler, pdf, _told: handler.answer(pdf),
    "junk": lambda _double, handler, pdf, _told: handler.answer(pdf + b"junk"),
    "other paper": other_paper,
    "changed first": changed_first,
    "changed then": changed_then,
    "trailing bytes": lambda double, handler, pdf, told: handler.answer(
        once(double, pdf, told) + b"\n%"
    ),
    "other place": lambda double, handler, pdf, _told: handler.answer(double.seal(pdf, "head")),
    "other organ": lambda double, handler, pdf, _told: handler.answer(
        double.seal(pdf, organ="他局")
    ),
    "other authority": lambda double, handler, pdf, _told: handler.answer(
        double.seal(pdf, authority=Authority("电子印章中心"))
    ),
}
