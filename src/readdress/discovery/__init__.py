"""From messages and logins to accounts (pure)."""

from readdress.discovery.candidates import Candidate, Knowledge, Opened, ServiceHint, Stamp
from readdress.discovery.domains import domain_of, is_freemail, is_relay, org_domain
from readdress.discovery.find import find, read_header
from readdress.discovery.kinds import kind_of, needs_body
from readdress.discovery.logins import login_names
from readdress.discovery.models import Detector, Found
from readdress.discovery.reading import Reading, Standing, read, seen_text
from readdress.discovery.recipients import Person, addressed_to
from readdress.discovery.weigh import wants_opening, weigh

__all__ = [
    "Candidate",
    "Detector",
    "Found",
    "Knowledge",
    "Opened",
    "Person",
    "Reading",
    "ServiceHint",
    "Stamp",
    "Standing",
    "addressed_to",
    "domain_of",
    "find",
    "is_freemail",
    "is_relay",
    "kind_of",
    "login_names",
    "needs_body",
    "org_domain",
    "read",
    "read_header",
    "seen_text",
    "wants_opening",
    "weigh",
]
