# A partner's system in Python: it hears of a task by a webhook and checks its signature with the published library of
# Standard Webhooks. Ends with an error if anything is otherwise. Needs ANSVAR_BIN.

import asyncio
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread

from standardwebhooks import Webhook, WebhookVerificationError

from service import PATIENCE, service
from story import CASES, FILE, ask

WHOSE = "query Whose { viewer { ... on PartnerContact { partner { id } } } }"
LISTEN = """mutation Listen($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { newSecret { secret } userErrors { code field message } }
}"""
REQUEST = """mutation Request($input: RequestTaskInput!) {
  requestTask(input: $input) { task { id } userErrors { code field message } }
}"""


@contextmanager
def receiver():
    """A system that listens; gives its address, and a queue of what it was told: (headers, body)."""
    heard = Queue()

    class Told(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.put((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Told) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hooks", heard
        finally:
            server.shutdown()
            thread.join()


def refused(secret, headers, body, why):
    """Asserts that the library refuses it, and why."""
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError as error:
        assert why in str(error), error
    else:
        raise AssertionError(f"the library took what it must refuse: {why}")


async def story():
    async with service() as says:
        graphql, tokens = says["graphql"], says["tokens"]

        async def act(token, document, **values):
            (done,) = (await ask(graphql, token, document, input=values)).values()
            assert done["userErrors"] == [], done
            return done

        complaint = {"idempotencyKey": str(uuid.uuid4()), "text": "The net did not come.", "email": "kim@example.com"}
        await act(says["widgetKey"], FILE, **complaint)
        (case,) = (await ask(graphql, tokens["manager"], CASES))["cases"]["nodes"]
        partner = (await ask(graphql, tokens["partner"], WHOSE))["viewer"]["partner"]["id"]

        with receiver() as (url, heard):
            made = await act(tokens["partner"], LISTEN, partnerId=partner, url=url)
            secret = made["newSecret"]["secret"]
            due = (datetime.now(timezone.utc) + timedelta(days=3)).isoformat()
            part = {"title": "Bring the net", "asked": "The net is missing.", "dueAt": due}
            task = (await act(tokens["manager"], REQUEST, caseId=case["id"], partnerId=partner, **part))["task"]["id"]
            headers, body = await asyncio.to_thread(heard.get, timeout=PATIENCE)

        told = Webhook(secret).verify(body, headers)
        assert (told["type"], told["data"]["taskId"]) == ("task.requested", task), told

        refused(secret, headers, body.replace(b"task.requested", b"task.completed"), "No matching signature")
        refused(bytes(32), headers, body, "No matching signature")
        old = datetime.now(timezone.utc) - timedelta(hours=1)
        signature = Webhook(secret).sign(headers["webhook-id"], old, body.decode())
        stale = {"webhook-timestamp": str(int(old.timestamp())), "webhook-signature": signature}
        refused(secret, {**headers, **stale}, body, "too old")


if __name__ == "__main__":
    asyncio.run(story())
    print("standardwebhooks: a task was told and verified; what was changed, old or signed otherwise was refused")
