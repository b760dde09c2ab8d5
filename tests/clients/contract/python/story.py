"""A story told with the generated Python client: a form files a complaint, the customer follows it, the owner finds and
acknowledges it, and hears of it by a subscription. Run with generated/python in PYTHONPATH, by with-service.mjs."""

import asyncio
import json
import os
from datetime import datetime, timezone
from decimal import Decimal

from ansvar_client import (
    AcknowledgeCaseInput,
    CaseFilter,
    CaseRef,
    CaseStage,
    Client,
    ErrorCode,
    FileComplaintInput,
    GraphQLClientGraphQLMultiError,
    MoneyInput,
    Severity,
)
from ansvar_client.case_by import CaseByCaseEventsCaseOpened, CaseByCaseReportsWebFormReport
from ansvar_client.case_events import CaseEventsCaseEventsMessageAdded
from ansvar_client.who import WhoViewerStaff

SAYS = json.loads(os.environ["ANSVAR_SAYS"])


def client(token: str) -> Client:
    authorization = {"Authorization": f"Bearer {token}"}
    return Client(url=SAYS["graphql"], ws_url=SAYS["websocket"], headers=authorization, ws_headers=authorization)


async def story() -> None:
    form = client(SAYS["widgetKey"])
    owner = client(SAYS["tokens"]["owner"])
    complaint = FileComplaintInput(
        idempotency_key="python-story-000001",
        text="The router is silent every evening.",
        subject="No internet in the evenings",
        category="Broadband",
        email="maja@customer.example",
        order_amount=MoneyInput(amount=Decimal("1299.50"), currency="SEK"),
        severity=Severity.MODERATE,
        first_time_reported=True,
    )

    # A form with a mistake learns which field it is about, and nothing is filed.
    refused = (await form.file_complaint(complaint.model_copy(update={"text": ""}))).file_complaint
    assert refused.receipt is None, refused
    assert [(error.code, error.field) for error in refused.user_errors] == [(ErrorCode.REQUIRED, ["text"])], refused

    filed = (await form.file_complaint(complaint)).file_complaint
    assert filed.receipt and not filed.user_errors, filed
    again = (await form.file_complaint(complaint)).file_complaint
    assert again.receipt and again.receipt.reference == filed.receipt.reference, again

    customer = client(filed.receipt.tracking_token)
    mine = (await customer.my_case()).my_case
    assert (mine.reference, mine.stage) == (filed.receipt.reference, CaseStage.RECEIVED), mine
    assert mine.next_contact_due and mine.next_contact_due > datetime.now(timezone.utc), mine

    # What a form may not do is an error of the request.
    try:
        await form.cases()
        raise AssertionError("a form read the cases")
    except GraphQLClientGraphQLMultiError as refusal:
        assert [error.extensions["code"] for error in refusal.errors] == ["FORBIDDEN"], refusal.errors

    # The owner finds it in the list and by its reference.
    viewer = (await owner.who()).viewer
    assert isinstance(viewer, WhoViewerStaff), viewer
    listed = (await owner.cases(filter_=CaseFilter(stages=[CaseStage.RECEIVED], owner_ids=[viewer.id]), first=5)).cases
    assert filed.receipt.reference in [row.reference for row in listed.nodes], listed
    found = (await owner.case_by(CaseRef(reference=filed.receipt.reference))).case
    assert found and found.owner.id == viewer.id and found.viewer_can.acknowledge, found
    assert found.order_amount and found.order_amount.amount == Decimal("1299.50"), found
    assert any(isinstance(event, CaseByCaseEventsCaseOpened) for event in found.events), found.events
    assert isinstance(found.reports[0], CaseByCaseReportsWebFormReport), found.reports
    assert found.reports[0].words == complaint.text and found.reports[0].first_time_reported, found.reports

    # The owner acknowledges it, and the subscription tells it after the version that was read.
    acknowledgement = AcknowledgeCaseInput(case_id=found.id, message="We look after it, Maja.")
    done = (await owner.acknowledge_case(acknowledgement)).acknowledge_case
    assert done.case and done.case.stage is CaseStage.ACKNOWLEDGED and not done.user_errors, done
    events = owner.case_events(case_id=found.id, after=found.version)
    expected = found.version + 1
    async for told in events:
        event = told.case_events
        assert event.seq == expected, (event, expected)
        expected += 1
        if isinstance(event, CaseEventsCaseEventsMessageAdded):
            assert event.message.text == "We look after it, Maja.", event
        if event.seq == done.case.version:
            break
    await events.aclose()

    read = (await customer.my_case()).my_case
    assert read.stage is CaseStage.ACKNOWLEDGED, read
    assert read.messages[-1].text == "We look after it, Maja.", read
    print(f"Python: {read.reference} was filed, followed and acknowledged.")


asyncio.run(asyncio.wait_for(story(), 60))
