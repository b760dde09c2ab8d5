# The story with gql, Python's GraphQL client: filed and read over HTTP (httpx), followed over a WebSocket, cut off,
# resumed with the last `seq` as `after`. Ends with an error if anything is otherwise. Needs ANSVAR_BIN.

import asyncio
import uuid
from urllib.parse import urlsplit

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from service import PATIENCE, Cuttable, service, until

FILE = """mutation File($input: FileComplaintInput!) {
  fileComplaint(input: $input) { receipt { reference trackingToken } userErrors { code field message } }
}"""
READ = "query Read { myCase { reference stage version messages { text fromCustomer } } }"
FOLLOW = """subscription Follow($after: Int) {
  myCaseEvents(after: $after) { seq kind message { text fromCustomer } }
}"""
CASES = "query Cases { cases(first: 50) { nodes { id reference } } }"
VERSION = "query Version($id: ID!) { case(by: { id: $id }) { version } }"
SAY = "mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { code message } } }"


def bearer(token):
    return {"authorization": f"Bearer {token}"}


async def ask(url, token, document, **variables):
    """Over HTTP, checked against the schema that the service tells of itself."""
    transport = HTTPXAsyncTransport(url=url, headers=bearer(token), timeout=PATIENCE)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        return await session.execute(GraphQLRequest(document, variable_values=variables))


def last(seen):
    """The cursor to resume after: the number of the last event that came."""
    return seen[-1]["seq"] if seen else 0


class Following:
    """A subscription in a task of its own; `ended` is done when the stream ends, for whatever reason."""

    def __init__(self, url, token, after, seen):
        self.ended = asyncio.create_task(self.follow(url, token, after, seen))

    async def follow(self, url, token, after, seen):
        # It offers two protocols and looks for the one that was taken by the exact spelling of the header's name.
        transport = WebsocketsTransport(url=url, init_payload=bearer(token))
        try:
            async with Client(transport=transport) as session:
                async for result in session.subscribe(GraphQLRequest(FOLLOW, variable_values={"after": after})):
                    seen.append(result["myCaseEvents"])
        except TransportError as error:
            return error
        return None


async def story():
    async with service() as says, Cuttable(urlsplit(says["http"]).port) as proxy:
        graphql, socket = f"http://127.0.0.1:{proxy.port}/graphql", f"ws://127.0.0.1:{proxy.port}/graphql"

        complaint = {"idempotencyKey": str(uuid.uuid4()), "text": "The net did not come.", "email": "kim@example.com"}
        filed = (await ask(graphql, says["widgetKey"], FILE, input=complaint))["fileComplaint"]
        assert filed["userErrors"] == [], filed
        reference, token = filed["receipt"]["reference"], filed["receipt"]["trackingToken"]

        case = (await ask(graphql, token, READ))["myCase"]
        assert (case["reference"], case["stage"]) == (reference, "RECEIVED"), case
        assert case["messages"] == [{"text": complaint["text"], "fromCustomer": True}], case

        # The company's side does not go through the proxy: no cut stops it.
        manager = says["tokens"]["manager"]
        nodes = (await ask(says["graphql"], manager, CASES))["cases"]["nodes"]
        (case_id,) = [node["id"] for node in nodes if node["reference"] == reference]

        async def say(text):
            said = await ask(says["graphql"], manager, SAY, input={"caseId": case_id, "text": text})
            assert said["sendMessage"]["userErrors"] == [], said

        async def say_all(texts):
            for text in texts:
                await say(text)

        seen = []

        async def caught_up(following):
            version = (await ask(says["graphql"], manager, VERSION, id=case_id))["case"]["version"]
            await until(lambda: last(seen) >= version or following.ended.done(), f"event {version}")
            assert last(seen) >= version, f"it ended after event {last(seen)}: {following.ended.result()}"
            return version

        following = Following(socket, token, 0, seen)
        await caught_up(following)
        await say("live")
        await caught_up(following)

        # Once with nothing on its way, once in the middle of a burst.
        for burst in ([], ["in flight 1", "in flight 2", "in flight 3"]):
            before = len(seen)
            saying = asyncio.create_task(say_all(burst))
            await until(lambda: not burst or len(seen) > before, "the burst to begin")
            assert proxy.cut() > 0
            why = await asyncio.wait_for(following.ended, PATIENCE)
            assert isinstance(why, TransportError), f"a cut was taken for the end: {why}"
            await saying
            await say(f"while away from {len(seen)}")
            following = Following(socket, token, last(seen), seen)
            await caught_up(following)
            await say(f"back at {len(seen)}")
            version = await caught_up(following)

        assert [event["seq"] for event in seen] == list(range(1, version + 1)), seen
        messages = (await ask(graphql, token, READ))["myCase"]["messages"]
        assert [event["message"]["text"] for event in seen if event["message"]] == [m["text"] for m in messages]
        following.ended.cancel()

        # A stranger is told so in the answer's errors, by a code.
        try:
            await ask(graphql, token, CASES)
            raise AssertionError("a customer read the company's cases")
        except TransportQueryError as error:
            assert error.errors[0]["extensions"]["code"] == "FORBIDDEN", error.errors
        return version


if __name__ == "__main__":
    print(f"gql: filed, read, followed, cut twice, resumed: {asyncio.run(story())} events, none missing, none twice")
