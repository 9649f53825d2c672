"""A learner's test by API: start or resume, read, answer, finish, result, review."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Response

from app.accounts.model import TooManyEntries, TooManyGuesses
from app.accounts.tokens import Token
from app.campaigns.model import CampaignClosed, CampaignNotOpenYet, UnknownCode
from app.results.schemas import Result
from app.sessions import entry, service
from app.sessions.auth import LearnerToken
from app.sessions.guard import DoorGuard
from app.sessions.model import (
    AlreadyFinished,
    BadIdentity,
    NoQuestion,
    NotFinished,
    NotSignedIn,
    NotTheSamePerson,
    ReviewNotAllowed,
    StaleStep,
    UnknownResumeCode,
    UnknownSession,
    UnreadableAnswer,
)
from app.sessions.schemas import (
    AnswerIn,
    CampaignOut,
    EnteredOut,
    EnterIn,
    ReceiptOut,
    ResumeIn,
    ReviewOut,
    SessionOut,
    SubmittedOut,
)
from app.web.deps import AnsweringThreads, Now, OwnTransactions, Tx
from app.web.problem_docs import documented


@dataclass(frozen=True, slots=True)
class Answering:
    """What the answer route asks for beside the answer."""

    database: OwnTransactions
    now: Now
    threads: AnsweringThreads


router = APIRouter(prefix="/api/v1", tags=["Learners"])

DOOR: Final = (UnknownCode, CampaignNotOpenYet, CampaignClosed)
CampaignCode = Annotated[
    str, Path(max_length=100, description="As typed: case and spaces do not matter.", examples=["SN7K2P"])
]
OWN: Final = (NotSignedIn, UnknownSession)


@router.get(
    "/campaigns/{code}", operation_id="readCampaign", summary="Read a campaign", responses=documented(UnknownCode)
)
def read_campaign(code: CampaignCode, tx: Tx, now: Now) -> CampaignOut:
    """What a learner should know before starting."""
    card = entry.card_of(tx, code, now)
    return CampaignOut.model_validate(card)


@router.post(
    "/sessions",
    status_code=201,
    operation_id="startSession",
    summary="Start a test",
    responses=documented(*DOOR, BadIdentity, NotTheSamePerson, NoQuestion, TooManyEntries, body=True),
)
def start(body: EnterIn, guard: DoorGuard, tx: Tx, now: Now) -> EnteredOut:
    """Enter a campaign and start the test. The answer holds the first question."""
    guard.count_entry()
    entered = entry.enter(
        tx, code=body.code, identity=body.identity, entry_key=body.entry_key, locale=body.locale, now=now
    )
    return EnteredOut.of(entered, service.view_after(tx, entered, now))


@router.post(
    "/sessions/resume",
    operation_id="resumeSession",
    summary="Come back to a test",
    responses=documented(UnknownCode, CampaignNotOpenYet, UnknownResumeCode, TooManyGuesses, body=True),
)
def resume(body: ResumeIn, guard: DoorGuard, tx: Tx, now: Now) -> EnteredOut:
    """Come back with the resume code told at the start; the test continues where it stopped."""
    with guard.guess(body.code):
        entered = entry.resume(tx, code=body.code, resume_code=body.resume_code, now=now)
    return EnteredOut.of(entered, service.view_after(tx, entered, now))


@router.get(
    "/sessions/{session_id}", operation_id="readSession", summary="Read where a test stands", responses=documented(*OWN)
)
def read(session_id: uuid.UUID, token: LearnerToken, tx: Tx, now: Now) -> SessionOut:
    """Where the test stands: the question on screen, or the end."""
    return SessionOut.of(service.current(tx, token, session_id, now))


@router.post(
    "/sessions/{session_id}/answers",
    operation_id="submitAnswer",
    summary="Answer a question",
    response_model=SubmittedOut,
    responses=documented(*OWN, StaleStep, AlreadyFinished, UnreadableAnswer, body=True),
)
async def answer(
    session_id: uuid.UUID, body: AnswerIn, token: LearnerToken, here: Annotated[Answering, Depends()]
) -> Response:
    """Keep one answer and give the next question.

    Safe to repeat: the same answer to the same step has one receipt. An answer to another step, or another answer
    to a step already answered, gets 409 with the current question (`current`).
    """
    return await to_thread.run_sync(_answer, session_id, body, token, here, limiter=here.threads)


def _answer(session_id: uuid.UUID, body: AnswerIn, token: Token, here: Answering) -> Response:
    """Everything in one turn of a thread; the block commits before the reply exists."""
    try:
        with here.database.transaction(token.institution_id) as tx:
            done = service.submit_answer(tx, token, session_id, step=body.step, response=body.content(), now=here.now)
    except StaleStep as stale:
        raise StaleStep(current=SessionOut.of(stale.view)) from stale
    receipt = None if done.receipt is None else ReceiptOut.of(done.receipt)
    submitted = SubmittedOut(receipt=receipt, session=SessionOut.of(done.view))
    return Response(submitted.model_dump_json(), media_type="application/json")


@router.post(
    "/sessions/{session_id}/finish", operation_id="finishSession", summary="End a test", responses=documented(*OWN)
)
def finish(session_id: uuid.UUID, token: LearnerToken, tx: Tx, now: Now) -> SessionOut:
    """End the test now. Every answer given counts; what was not asked stays uncertain."""
    return SessionOut.of(service.finish(tx, token, session_id, now))


@router.get(
    "/sessions/{session_id}/result",
    operation_id="readOwnResult",
    summary="Read the result of a test",
    response_model=Result,
    responses=documented(*OWN, NotFinished),
)
def result(session_id: uuid.UUID, token: LearnerToken, tx: Tx, now: Now) -> Mapping[str, Any]:
    """The result, as the page and the university's API show it."""
    return service.result_of(tx, token, session_id, now)


@router.get(
    "/sessions/{session_id}/review",
    operation_id="readReview",
    summary="Review the questions of a test",
    responses=documented(*OWN, NotFinished, ReviewNotAllowed),
)
def review(session_id: uuid.UUID, token: LearnerToken, tx: Tx, now: Now) -> ReviewOut:
    """Every question with its answer, its explanation and the reason it was asked, where the campaign allows it."""
    questions = service.review(tx, token, session_id, now)
    return ReviewOut.of(questions)
