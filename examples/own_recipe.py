"""Write a recipe and run it: the folder that `migrate recipes new` makes, on the replica that lies in it.

    python examples/own_recipe.py

The recipe is for an invented service, `orchard.example.com`. Its replica answers to that name on this machine only.
"""

import os
import tempfile
from pathlib import Path

from readdress import Adapters, CallbackPerson, Migration, Side
from readdress.models.events import factor
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.consent import ConsentStore
from readdress.recipe.lint import lint
from readdress.recipe.scaffold import new_recipe
from readdress.testing.clock import ShiftingClock
from readdress.testing.fakes import FakeMail, FakeSecrets
from readdress.testing.post import Post
from readdress.testing.replica import ReplicaServer

OLD, NEW = "ann@old.example.net", "ann@new.example.org"

with tempfile.TemporaryDirectory() as name:
    os.environ["READDRESS_HOME"] = name  # the consent below is kept there, not with yours
    folder = Path(name) / "recipes" / "orchard"

    # 1. The folder: text, flow, pages, mails, a test. From here on a text editor is all it takes.
    for path in new_recipe(folder.parent, "orchard"):
        print("made", path.relative_to(name))

    # 2. What the lint says about it.
    print("lint:", [str(finding) for finding in lint(folder)] or "nothing to mend")

    # 3. Its code is a third party's until you agree to it (`migrate recipes trust orchard`).
    ConsentStore().give(Catalogue([folder.parent]).get("orchard", text_only=True))

    # 4. A migration on it. The service and both mailboxes are stand-ins; engine, browser and state file are real.
    clock = ShiftingClock()
    mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, clock)
    post = Post(mail, clock)
    post.send_mail(to=NEW, kind="hello", subject="hello", sender="robin@friends.example.net", text="NEW receives mail.")
    case = {"old": OLD, "new": NEW, "password": "correct horse"}
    with ReplicaServer.of_recipe(folder, case, post.send_mail) as replica:
        adapters = Adapters(
            person=CallbackPerson(lambda q: "yes" if any(c.key == "yes" for c in q.choices) else "password"),
            mail=mail,
            lookup=post.lookup,
            secrets=FakeSecrets(),
            clock=clock,
            headless=True,
            reroute=replica.reroute,
            spki=replica.spki,
        )
        with Migration.create(
            OLD, NEW, state=Path(name) / "me.readdress", adapters=adapters, recipes=[folder.parent]
        ) as m:
            m.record(factor("new_mailbox", held=True))  # its route needs it: "I can read the new mailbox"
            account = m.add("orchard", login=OLD)
            m.keep_secret(account.id, "password", "correct horse")
            outcome = m.run(account)
            print(f"{outcome.ended}, {outcome.verdict}: {outcome.message}")
        print("the replica holds:", replica.replica.address)
