"""A shop that takes orders, as a product would be written with SQLAlchemy: the event is part of the transaction that places the order."""

from sqlalchemy import BigInteger, Integer, cast, create_engine, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    items: Mapped[int] = mapped_column(Integer)


class OutOfStock(Exception):
    """What makes a shop change its mind in the middle of a transaction."""


def connect(url):
    """An engine by the driver that is written in Python."""
    return create_engine(url.replace("postgres://", "postgresql+pg8000://", 1), pool_size=8, pool_pre_ping=True)


def publish(session, kind, data):
    """Leaves an event with the session's transaction; answers its id. Neither commits nor rolls anything back."""
    return session.execute(select(func.campanile.publish(kind, cast(data, JSONB)))).scalar_one()


def place(session, number, items, in_stock=True):
    """Places an order and tells everybody, or neither: whoever opened the transaction ends it."""
    session.execute(insert(Order).values(number=number, items=items))
    publish(session, "order.placed", {"number": number, "items": items})
    if not in_stock:
        raise OutOfStock(number)
