"""A second module in the homeservers of tests, which does what only another server could.

Presence from other servers comes in signed requests over TLS. Behind these, it is this one call.
"""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET


class Backdoor(Resource):
    isLeaf = True

    def __init__(self, config: Any, api: Any) -> None:
        Resource.__init__(self)  # type: ignore[no-untyped-call]
        self.homeserver = api._hs
        api.register_web_resource("/_test/presence", self)

    @staticmethod
    def parse_config(config: Any) -> Any:
        return config

    def render_POST(self, request: Any) -> int:
        body = json.load(request.content)

        async def receive() -> None:
            fault = ""
            try:
                handler = self.homeserver.get_presence_handler()
                await handler.incoming_presence(body["origin"], {"push": body["push"]})
            except Exception as error:
                fault = repr(error)
            request.setHeader(b"Content-Type", b"application/json")
            request.write(json.dumps({"fault": fault}).encode())
            request.finish()

        ensureDeferred(receive())
        return NOT_DONE_YET
