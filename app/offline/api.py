"""REST: the page that lives without a server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import Response

from models import CharLM, RequestError
from models.storage.lookup import Found
from models.text.lines import unix_lines

from ..http.errors import errors
from ..web.sending import attachment
from ..web.services import State
from .address import Address, address_of, read_address
from .export import make_page

FILE = "hidden-state.html"

router = APIRouter(responses=errors(403, 500))


class PageRequest(BaseModel):
    """What the page shows: some models, or the view at an address."""

    model_config = ConfigDict(extra="forbid", strict=True)

    models: Annotated[list[str], Field(min_length=1, max_length=64)] | None = None
    address: Annotated[str, Field(max_length=100_000)] | None = None
    """As "Share" copies it; in place of `models`."""
    text: Annotated[str, AfterValidator(unix_lines)] | None = None
    """What it begins with, in place of the address' text or an example."""

    def view(self) -> Address:
        """
        Raises:
            RequestError: if there is not either of the two, or `read_address` raises it.
        """
        if (self.models is None) == (self.address is None):
            raise RequestError(
                "bad_request", "Say which models a page is about by `models` or by `address`, one of them.", status=422
            )
        if self.address is not None:
            return read_address(self.address, self.text)
        names = tuple(self.models or ())
        return Address(names, address_of(names), self.text)


@router.post(
    "/api/page",
    response_class=Response,
    responses={
        200: {"content": {"text/html": {}}, "description": "The page, as a file."},
        **errors(400, 404, 413, 422),
    },
)
async def page(request: Request, asked: PageRequest) -> Response:
    """One HTML file with these models in it, which reads what is typed into it without a server."""
    state: State = request.app.state.hidden_state
    view = asked.view()

    def load(found: Found) -> CharLM:
        return state.library.get(found.name).lm

    def work() -> str:
        return make_page(view.models, state.library.find, load, text=view.text, view=view.view)

    made = await state.pool.run(work)
    headers = {"Content-Disposition": attachment(FILE), "Cache-Control": "no-store"}
    return Response(made, media_type="text/html; charset=utf-8", headers=headers)
