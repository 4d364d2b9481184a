"""`/audit-log`."""

from contextlib import aclosing

from aiohttp import hdrs, web

from auth.audit import views
from auth.audit.models import AuditEntry, AuditFilter, AuditQuery
from chassis.api import Api
from chassis.db import Executor
from chassis.identity import Identity, Role
from chassis.paging import Page

ADMIN = {Role.ADMIN}

api = Api("auth", "auth")


@api.get("/audit-log", roles=ADMIN, summary="Who did what to whom, from where")
async def list_audit_log(identity: Identity, db: Executor, query: AuditQuery) -> Page[AuditEntry]:
    """Newest first."""
    return await views.page_audit_log(db, identity, query)


@api.get("/audit-log.csv", roles=ADMIN, summary="The audit log as a file", media_type="text/csv")
async def export_audit_log(
    request: web.Request, identity: Identity, db: Executor, query: AuditFilter
) -> web.StreamResponse:
    """Newest first, streamed; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    headers = {
        hdrs.CONTENT_DISPOSITION: 'attachment; filename="audit-log.csv"',
        hdrs.CACHE_CONTROL: "private, no-store",
    }
    response = web.StreamResponse(headers=headers)
    response.content_type, response.charset = "text/csv", "utf-8"
    async with aclosing(views.csv_lines(db, identity, query)) as lines:
        first = await anext(lines)
        await response.prepare(request)
        await response.write(first)
        async for line in lines:
            await response.write(line)
    await response.write_eof()
    return response
