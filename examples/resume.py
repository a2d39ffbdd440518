"""Stop in the middle, go on later, wait for a day: nothing is done twice. Run it: ``python examples/resume.py``."""

from _practice import agree, practice

from readdress import CallbackPerson, Ended, Migration, Patience, Question


def leave(question: Question) -> str:
    """A person who closes the lid at the first question."""
    print(f"   ? {question.title.en} (the person leaves)")
    return "stop"


with practice() as p:
    forum = p.sites["forum"]
    p.adapters.person = CallbackPerson(leave)
    with Migration.create(p.old, p.new, state=p.state, adapters=p.adapters) as m:
        m.set_mailbox("new", p.mailbox(p.new))
        account = m.add("django-allauth", site=forum.url, login=forum.login)
        m.keep_secret(account.id, "password", forum.password)
        first = m.run(account, Patience(mail=5, person=5))
    print(f"1. {first.ended}, {first.verdict}: {first.message}")

    p.send(p.new)  # what the person was asked for: a mail to the new mailbox
    p.adapters.person = CallbackPerson(agree)
    with Migration.open(p.state, adapters=p.adapters) as m:
        [second] = m.resume()
    print(f"2. {second.ended}, {second.verdict}: {second.message}")

    assert second.ended is Ended.NEEDS_TIME
    p.clock.reach(second.until)  # in real life: the next day

    with Migration.open(p.state, adapters=p.adapters) as m:
        [third] = m.resume()
    print(f"3. {third.ended}, {third.verdict}: {third.message}")

    print("What the site has on record:")
    for what in ("email_added", "email_confirmed", "primary_changed", "email_removed"):
        print(f"   {what}: {len(forum.effects(what))}")
