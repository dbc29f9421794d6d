"""A small help desk, as a product would be written with SQLAlchemy: what it tells people is part of the transaction that changes something (E14, E18).

Nothing here calls Campanile: `notify` leaves an event with the caller's transaction, and neither commits nor rolls anything back.
"""

from sqlalchemy import ForeignKey, String, cast, create_engine, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class HelpSession(Base):
    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    account_id: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")


class Proposal(Base):
    __tablename__ = "proposals"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    account_id: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id"))
    title: Mapped[str | None]
    proposal_type: Mapped[str | None]
    problem_domain: Mapped[str | None]
    created_by_id: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")


def connect(url):
    """An engine by the driver that is written in Python."""
    return create_engine(url.replace("postgres://", "postgresql+pg8000://", 1))


def notify(event, account_id, payload, db, target_user_ids=None):
    """Tells whoever should know, if and when the caller's transaction commits."""
    data = {name: value for name, value in payload.items() if value is not None}
    if target_user_ids:
        data["target_user_ids"] = target_user_ids
    db.execute(select(func.campanile.publish(event, cast(data, JSONB), account_id)))


def start_session(db, session, priority="normal", ticket_number=None, client_name=None):
    """Opens a session; one of high priority is told."""
    db.add(session)
    db.flush()
    if priority == "high":
        payload = {"session_id": session.id, "ticket_number": ticket_number, "client_name": client_name}
        notify("session.high_priority", session.account_id, payload, db)


def escalate(db, session, engineer_name=None, reason=None, problem=None, to=None):
    """Hands a session on: to somebody, or to whoever leads the account."""
    session.status = "escalated"
    payload = {
        "session_id": session.id,
        "engineer_name": engineer_name,
        "escalation_reason": reason,
        "problem_summary": problem,
        "escalated_to_id": to,
    }
    notify("session.escalated", session.account_id, payload, db)


def propose(db, proposal):
    """Keeps a proposal. One that is reinforced by itself is told to nobody: the workflow asks for those that are pending (E19)."""
    db.add(proposal)
    db.flush()
    payload = {
        "title": proposal.title,
        "proposal_type": proposal.proposal_type,
        "problem_domain": proposal.problem_domain,
        "status": proposal.status,
    }
    notify("proposal.pending", proposal.account_id, payload, db)


def approve(db, proposal, reviewer_name=None):
    """Approves a proposal; its creator is told, or whoever leads the account."""
    proposal.status = "approved"
    payload = {"title": proposal.title, "reviewer_name": reviewer_name, "created_by_id": proposal.created_by_id}
    notify("proposal.approved", proposal.account_id, payload, db)


def found_gap(db, account_id, gap_type=None, severity=None, problem_domain=None):
    """A gap in what is known."""
    payload = {"gap_type": gap_type, "severity": severity, "problem_domain": problem_domain}
    notify("knowledge_gap.detected", account_id, payload, db)
