"""What stands for nginx in a run of docs/first-day.md: TLS in front of the API, no more."""

import datetime
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PASSED_ON = ("authorization", "content-type", "x-twilio-signature")


def certificate(folder: Path) -> Path:
    """A certificate for `localhost` and its key, in one file that clients may also trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def serve(upstream: str, pem: Path) -> ThreadingHTTPServer:
    """A running proxy to `upstream`; its port is the server's, and `shutdown` ends it."""
    pool = urllib3.PoolManager(maxsize=16, retries=False)

    class Passing(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {n: v for n, v in self.headers.items() if n.lower() in _PASSED_ON}
            headers |= {
                "X-Forwarded-For": str(self.client_address[0]),
                "X-Forwarded-Proto": "https",
            }
            reply = pool.request(
                self.command, upstream + self.path, body=self.rfile.read(length), headers=headers
            )
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", ""))
            self.send_header("Content-Length", str(len(reply.data)))
            self.end_headers()
            self.wfile.write(reply.data)

        do_GET = do_POST = _pass_on  # noqa: N815 - the base class' names

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the paths hold a secret."""

    server = ThreadingHTTPServer(("localhost", 0), Passing)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
