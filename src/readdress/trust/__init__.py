"""Whether a mail is the answer to an armed step (pure)."""

from __future__ import annotations

from readdress.trust.gate import judge, paste
from readdress.trust.verdict import Accepted, Judgement, NeedsBinding, Reason, Rejected

__all__ = ["Accepted", "Judgement", "NeedsBinding", "Reason", "Rejected", "judge", "paste"]
