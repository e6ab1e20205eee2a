"""The application: routes, resources and the envelope around them, as one ASGI callable."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from system import health
from system.assistant import routes as assistant
from system.auth import routes as auth
from system.auth.tokens import Tokens
from system.contacts import routes as contacts
from system.dashboard import routes as dashboard
from system.envelope import answer_fault, answer_http_error, answer_refusal, enveloped
from system.errors import Refused
from system.invoices import routes as invoices
from system.openapi import CONFIG, describe
from system.organizations import routes as organizations
from system.payload import json_answer
from system.resources import make_resources
from system.settings import Settings, read_settings

BODY_BYTES: Final = 1_000_000

API: Final = Router(
    "/api/v1",
    route_handlers=[
        auth.sign_in,
        organizations.show_organization,
        contacts.list_contacts,
        contacts.create_contact,
        contacts.get_contact,
        contacts.change_contact,
        contacts.delete_contact,
        invoices.list_invoices,
        invoices.create_invoice,
        invoices.get_invoice,
        dashboard.show_dashboard,
        assistant.ask,
    ],
)


@get("/openapi.json", include_in_schema=False)
async def show_contract(state: State) -> Response[Any]:
    """Give the OpenAPI document."""
    return json_answer(state.contract)


def make_app(settings: Settings) -> Litestar:
    """Return the application; it connects to its services at start-up and closes them at shutdown."""
    held = make_resources(settings)

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        await held.open()
        # What start-up made lives as long as the process: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await held.close()

    app = Litestar(
        [API, health.live, health.ready, show_contract],
        openapi_config=CONFIG,
        exception_handlers={
            Refused: answer_refusal,
            HTTPException: answer_http_error,
            Exception: answer_fault,
        },
        lifespan=[running],
        state=State({"resources": held, "tokens": Tokens(settings.system_jwt_secret, settings.session_s)}),
        request_max_body_size=BODY_BYTES,
        logging_config=None,
    )
    app.state.contract = msgspec.json.encode(describe(app))
    return app


def serve() -> ASGIApp:
    """Return the ASGI callable for the server, with the settings of the environment."""
    return enveloped(make_app(read_settings(os.environ)))
