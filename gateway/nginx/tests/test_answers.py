"""What every answer carries: problem documents, security headers, limits, logs, compression, the protocol."""

import asyncio
import gzip
import json
import shutil
import ssl
from pathlib import Path

import pytest

from gateway.nginx.tests.harness import Gateway, Launch, assert_headers, problem, until
from gateway.nginx.tests.stubs import SERVICES, Issuer, Services, answering, free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_bodies_have_a_limit(gateway: Gateway, services: Services, token: str) -> None:
    two_megabytes = b"x" * 2_000_000
    for path in ("/api/grading/x", "/api/auth/login", "/api/auth/rostersx"):
        problem(await gateway.ask("POST", path, token=token, data=two_megabytes), 413, "too_large")
    assert services.seen == []
    for service in ("auth", "classroom"):
        answer = await gateway.ask("POST", f"/api/{service}/rosters?dry_run=true", token=token, data=two_megabytes)
        assert answer.status == 200
        assert len(services[service].seen[0].body) == 2_000_000


async def test_long_lines_are_problems(gateway: Gateway, services: Services) -> None:
    problem(await gateway.get("/api/" + "a" * 9000), 414, "uri_too_long")
    problem(await gateway.get("/api/grading/x", **{"X-Long": "a" * 9000}), 431, "headers_too_large")


LIMITS = {
    "login": ("LOGIN", "POST", "/api/auth/login", False),
    "password reset": ("LOGIN", "POST", "/api/auth/password-resets/abc", False),
    "refresh": ("REFRESH", "POST", "/api/auth/refresh", False),
    "schools": ("SCHOOLS", "POST", "/api/auth/schools", False),
    "join codes": ("JOIN", "POST", "/api/classroom/enrollments", True),
    "uploads": ("UPLOAD", "POST", "/api/files/uploads", True),
    "rosters": ("UPLOAD", "POST", "/api/classroom/rosters", True),
    "sends": ("SEND", "POST", "/api/lecture-chat/lectures/x/messages", True),
    "anything, by credential": ("CREDENTIAL", "GET", "/api/grading/x", True),
    "anything, by address": ("ADDRESS", "GET", "/api/auth/openapi.json", False),
}


async def check_limited(gateway: Gateway, method: str, path: str, token: str | None) -> None:
    first, second, third = [await gateway.ask(method, path, token=token) for _ in range(3)]
    assert (first.status, second.status) == (200, 200)
    problem(third, 429, "too_many_requests")
    assert third.headers["Retry-After"] == "5"


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
async def test_rates(launch: Launch, issuer: Issuer, limit: tuple[str, str, str, bool]) -> None:
    name, method, path, with_token = limit
    slow = {f"{name}_RATE": "1r/m", f"{name}_BURST": "1"}
    gateway = await launch(**slow)
    await check_limited(gateway, method, path, issuer.token() if with_token else None)
    if with_token:  # others go on
        assert (await gateway.ask(method, path, token=issuer.token())).status == 200
    other = await gateway.get("/api/docs" if name == "ADDRESS" else "/api/classroom/classrooms", issuer.token())
    assert other.status == (429 if name == "ADDRESS" else 200)


async def test_without_its_line_a_rate_would_not_hold(launch: Launch) -> None:
    line = "limit_req zone=login      burst=1      nodelay;"
    broken = await launch(("conf.d/limits.conf", line, ""), LOGIN_RATE="1r/m", LOGIN_BURST="1")
    with pytest.raises(AssertionError):
        await check_limited(broken, "POST", "/api/auth/login", None)


async def test_every_kind_of_answer_has_the_security_headers(gateway: Gateway, services: Services, token: str) -> None:
    kinds = {
        "/api/grading/x": 200, "/api/auth/openapi.json": 200, "/api/nothing": 404, "/": 302, "/api/docs": 200,
        "/api/docs/docs.js": 200, "/api/docs/nothing.js": 404, "/api/docs/swagger-ui/x.js": 404, "/healthz": 200,
        "/api//x": 400, "/nothing": 404, "/api/classroom/feed": 426,
    }  # fmt: skip
    for path, status in kinds.items():
        answer = await gateway.get(path, token)
        assert answer.status == status, path
        assert_headers(answer)
        assert "unsafe" not in answer.headers["Content-Security-Policy"].split("script-src")[-1].split(";")[0]
        assert "nginx/" not in answer.headers["Server"]


async def test_one_header_added_beside_them_would_drop_them(launch: Launch, token: str) -> None:
    edit = ("conf.d/gateway.conf", "access_log off;", "access_log off; add_header X-Other 1;")
    answer = await (await launch(edit)).get("/healthz")
    with pytest.raises(AssertionError):
        assert_headers(answer)


async def test_hsts_can_be_left_out(launch: Launch) -> None:
    gateway = await launch(HSTS="")
    assert "Strict-Transport-Security" not in (await gateway.get("/healthz")).headers


async def test_the_log_is_json_and_keeps_secrets(gateway: Gateway, token: str) -> None:
    answer = await gateway.get("/api/grading/logged?code=SECRET-QUERY", token)
    await gateway.ask("POST", "/api/auth/password-resets/SECRET-TOKEN", data=b"SECRET-BODY")
    await gateway.ask("POST", "/api/auth/invitations/SECRET-TOKEN/accept")
    log = gateway.folder / "access.log"
    await until(lambda: "invitations" in log.read_text())
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    (line,) = [line for line in lines if line["path"] == "/api/grading/logged"]
    assert (line["request_id"], line["status"], line["method"]) == (answer.headers["X-Request-Id"], 200, "GET")
    assert "SECRET" not in text
    assert token not in text
    assert token.split(".")[2] not in (gateway.folder / "error.log").read_text()


async def test_answers_are_compressed_but_not_where_tokens_are_told(
    gateway: Gateway, services: Services, token: str
) -> None:
    long = answering(body=b'{"text": "' + b"long " * 1000 + b'"}', content_type="application/json")
    services["grading"].answer = services["auth"].answer = long
    answer = await gateway.get("/api/grading/x", token, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"long" in gzip.decompress(answer.body)
    login = await gateway.ask("POST", "/api/auth/login", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in login.headers


async def curl(gateway: Gateway, certificate: Path, *arguments: str) -> str:
    program = shutil.which("curl")
    assert program, "`python3 -m dev.bootstrap` installs curl"
    process = await asyncio.create_subprocess_exec(
        program, "-sS", "--cacert", str(certificate), "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return output.decode()


async def test_http_2(gateway: Gateway, services: Services, certificate: Path, token: str) -> None:
    bearer = ("-H", f"Authorization: Bearer {token}")
    url = f"https://localhost:{gateway.port}/api/grading"
    assert await curl(gateway, certificate, "--http2", f"{url}/x", *bearer) == "2 200"
    assert await curl(gateway, certificate, "--http2", f"{url}/x") == "2 401"
    assert await curl(gateway, certificate, "--http2", "--path-as-is", f"{url}/../auth/x", *bearer) == "2 400"
    assert await curl(gateway, certificate, "--http2", f"{url}/x", *bearer, *bearer) in {"2 400", "2 401"}
    feed = f"{url}/../classroom/feed"
    assert await curl(gateway, certificate, "--http2", feed, *bearer) == "2 426"
    assert await curl(gateway, certificate, "--http1.1", feed, *bearer) == "1.1 426"
    assert await curl(gateway, certificate, "--http1.1", f"{url}/x", *bearer) == "1.1 200"
    assert len(services.seen) == 2


@pytest.mark.parametrize(("version", "works"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_tls_versions(gateway: Gateway, certificate: Path, version: str, works: bool) -> None:
    trust = ssl.create_default_context(cafile=str(certificate))
    trust.minimum_version = trust.maximum_version = ssl.TLSVersion[version]
    if version == "TLSv1_1":
        trust.set_ciphers("ALL:@SECLEVEL=0")
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port, ssl=trust, server_hostname="localhost")
        writer.close()
    except (ssl.SSLError, ConnectionError):
        assert not works
    else:
        assert works


async def test_plain_http_leads_to_https(launch: Launch, gateway: Gateway) -> None:
    async def plain(port: int) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/x?y=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = (await reader.read()).decode()
        writer.close()
        return head

    port = free_port()
    second = await launch(HTTP_LISTEN=f"127.0.0.1:{port}")
    answer = await plain(port)
    assert answer.startswith("HTTP/1.1 308")
    assert f"Location: https://localhost:{second.port}/api/x?y=1\r\n" in answer
    assert (await plain(gateway.port)).startswith("HTTP/1.1 308")


async def test_the_api_page(launch: Launch, services: Services) -> None:
    gateway = await launch()
    (gateway.folder / "swagger").mkdir()
    (gateway.folder / "swagger" / "swagger-ui-bundle.js").write_text("window.SwaggerUIBundle = null;")
    page = await gateway.get("/api/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    assert all(f'href="/api/{service}/openapi.json"' in text for service in SERVICES)
    assert "<script>" not in text
    assert "//" not in text.replace("<!doctype", "")
    script = await gateway.get("/api/docs/swagger-ui/swagger-ui-bundle.js")
    assert (script.status, script.headers["Content-Type"]) == (200, "application/javascript; charset=utf-8")


async def test_the_web_app_when_it_is_built(launch: Launch) -> None:
    gateway = await launch()
    answer = await gateway.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/api/docs")
    root = gateway.folder / "web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html>")
    (root / "assets" / "a.js").write_text("1")
    for path in ("/", "/classrooms/1"):
        answer = await gateway.get(path)
        assert (answer.status, answer.body) == (200, b"<!doctype html>")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert_headers(answer)
    asset = await gateway.get("/assets/a.js")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert_headers(asset)
    problem(await gateway.get("/assets/b.js"), 404, "not_found")
    problem(await gateway.get("/api/nothing"), 404, "not_found")
    problem(await gateway.ask("POST", "/"), 405, "method_not_allowed")
    problem(await gateway.get("/assets/a.js", **{"If-Match": '"another"'}), 412, "precondition_failed")
