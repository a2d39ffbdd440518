"""Be the person yourself: one function gets every question and answers it.

    python examples/own_person.py

This is how a window, a web page or a chat takes the place of the terminal. The shop of this example replaces the address
instead of adding one, so that there is more to ask.
"""

from _practice import practice

from readdress import Answer, CallbackPerson, Migration, Question

with practice() as p:
    shop = p.sites["shop"]

    def asked(question: Question) -> str | Answer | None:
        """Called again and again while the question is open; None means "not yet"."""
        print(f"\n[{question.ask}] {question.body.en}")
        print("   choices:", ", ".join(choice.key for choice in question.choices))
        if question.ask == "secret":
            return Answer(question.id, "text", shop.password)  # typed text goes into an Answer, which hides it
        if question.ask == "hand_over" and question.id.startswith("new-mailbox/"):
            p.send(p.new)
            return "done"
        if question.ask == "choose":
            return "password"
        return {"consent": "yes", "sender": "yes", "in_doubt": "look", "host": "no"}.get(question.ask, "stop")

    p.adapters.person = CallbackPerson(asked, lambda notice: print(f"{notice.kind}: {notice.text.en}"))
    with Migration.create(p.old, p.new, state=p.state, adapters=p.adapters) as m:
        m.set_mailbox("new", p.mailbox(p.new))
        outcome = m.move("django-allauth", site=shop.url, login=shop.login)
        print(f"\n{outcome.ended}, {outcome.verdict}: {outcome.message}")
        print("Agreed to:", *(e.data["topic"] for e in m.log() if e.kind == "consent"))
