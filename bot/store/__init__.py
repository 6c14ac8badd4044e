"""The store: calls, their logs, promises and flags, and what makes webhooks and tokens happen once."""

from bot.store.records import CallRecord, FlagRecord, PromiseKind, PromiseRecord, PromiseState
from bot.store.store import Store
from bot.store.upgrade import upgrade

__all__ = ["CallRecord", "FlagRecord", "PromiseKind", "PromiseRecord", "PromiseState", "Store", "upgrade"]
