"""Move one account: the smallest whole program.

    python examples/one_service.py

``practice()`` stands in for your mailboxes and a site. In a program of your own, leave ``adapters`` and ``state`` out.
"""

from _practice import practice

from readdress import Migration

with practice() as p:
    forum = p.sites["forum"]
    p.send(p.new)  # a mail that came in there: nothing is moved to a mailbox that was never seen to receive one
    with Migration.create(p.old, p.new, state=p.state, adapters=p.adapters) as m:
        m.set_mailbox("new", p.mailbox(p.new))
        account = m.add("django-allauth", site=forum.url, login=forum.login)
        m.keep_secret(account.id, "password", forum.password)
        outcome = m.run(account)
        print(f"{outcome.ended}, {outcome.verdict}: {outcome.message}")
        print(f"Go on at {outcome.until:%Y-%m-%d %H:%M} UTC: the old address stays until then.")

    print("The site itself says:", *forum.addresses(), sep="\n  ")
