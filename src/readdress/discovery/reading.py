"""What an opened message shows: its kind, whether it proves an account, and which slots and login names it speaks of.

The text decides what the subject leaves open, and what a subject cannot say: that the order was a guest's, that there is no account, that
the account is gone. What a message quotes or forwards is not what it is from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from readdress.discovery import kinds, phrases
from readdress.discovery.lexicon import BIT, concepts, folded
from readdress.discovery.logins import login_names
from readdress.discovery.senders import is_mail_system, is_person
from readdress.models.inventory import MailKind
from readdress.models.words import Slot

BODY_CAP = 6_000
"""Characters of a body that are read; what a mail is stands at its start."""

_SENTENCES = 40
_URL = re.compile(r"https?://\S{1,2000}|\bwww\.\S{1,300}")
_SPLIT = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n+")
_WRAPPED = re.compile(r"(?<=[^\n]{52})\n(?=[^\s])")  # a line this long was broken by a program, not by its writer
_QUOTE = re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE)
_CODE_USE = re.compile(
    r"\bminut|\bstund|\bheure|\bhora\b|\bчас|\bминут|分钟|分鐘|分以内|分内|分です|초|분 |秒|\bexpir|\bvalid|\bgültig|\bshare|\bcompart|\bweiterg|\bcommuniqu|\btell\b"
    r"|\bsign|\blog|anmeld|einlog|\bentrar|\bacces|\baccéd|\bconnect|вход|войти|\benter\b|\bintrodu[cz]|\bescrib|\bsaisi|\beingeb|\btipp|\bдейств|\bсообща|\bвведит|输入|輸入|入力|입력|泄露|洩漏|告诉|告訴|教え|登录|登入|로그인|ログイン",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"https?:|\bclick|\btap\b|\blink\b|\bbutton|\bhours?\b|\bminutes?\b|\bexpire|\bset (?:a|your)|\bchoose (?:a|your|an)|\bcreate (?:a|your) (?:new )?pass|\btype\b|\benter\b|\bklick|\bschaltfläche|\bstunden?\b|\bminuten\b|\bgilt\b|\bgültig|\bneu (?:vergeben|setzen|festlegen)|\btippen"
    r"|\bcliqu|\blien\b|\bbouton|\bheures?\b|\bchoisi|\bdéfini|\bsaisi|\bpulsa|\bclic\b|\benlace|\bbotón|\bhoras?\b|\bminutos\b|\bcrear? |\belige|\bescrib|\bclique|\bbotão|\bligação|\bescolh|\bdigite"
    r"|\bнажмите|ссылк|\bкнопк|\bчас\w*\b|\bминут|\bсутки|\bзада[тй]|\bвведите|点击|點擊|點選|按一下|链接|連結|按钮|小时|小時|分钟|分鐘|输入|輸入|クリック|リンク|ボタン|時間|分以内|入力|こちら|URL|링크|버튼|클릭|눌러|시간|입력|만들기",
    re.IGNORECASE,
)
_ADDRESSING = re.compile(r"\byou|\bwe\b|\bour\b|\bplease\b|:", re.IGNORECASE)
_ALARM = re.compile(
    r"\bimmediately|\bat once|\bright away|\bsecure your|\block (?:it|the|your|access)|\bcontact us|\bcall us|\bsofort|\bumgehend|\bsperren|\bmelden sie sich bei|\bimmédiatement|\bsans attendre|\bbloquez|\bcontactez|\bau plus vite"
    r"|\binmediat|\bcuanto antes|\bbloque[ae]|\bcontact[ea]|\bimediat|\bquanto antes|\bbloqueie|\bnemedl|\bнемедленно|\bсрочно|\bзаблокируйте|\bсвяжитесь|立即|馬上|马上|尽快|儘快|立刻|すぐに|ただちに|速やかに|至急|즉시|바로|지금",
    re.IGNORECASE,
)
_SHORT_LIVED = re.compile(r"\d+ ?(?:min|сек|мин|分|초|분|秒)|\b(?:minutes?|minuten|minutos?|минут)\b|\bexpires?\b|\bläuft\b|\bcaduca|\bonce\b|\bverfällt|有效|有効|유효|expir|истека|действу", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w.,€$])(?:\d[ -]?){4,8}(?![\w.,%€$])|\b(?=[A-Z0-9-]*\d)[A-Z0-9]{2,5}(?:-[A-Z0-9]{2,5}){1,3}\b|(?<![A-Za-z0-9.])\d{4,8}(?![A-Za-z0-9])")
_AMOUNT = re.compile(r"[$€£¥￥]\s?\d|\d[\d.,\s]*\s?(?:€|\$|£|eur\b|usd\b|руб|₽|元|円|원|chf\b|zł|kr\b)|r\$\s?\d|nt\$|hk\$|\d[.,]\d\d\b(?![.,]\d)", re.IGNORECASE)
_PERIOD = re.compile(
    r"\bperiod\b|\bmonth|\bbalance\b|\bdue\b|\bzeitraum|\bmonat|\bfällig|\babschlag|\bguthaben|\bpériode|\bmois\b|\béchéance|\bsolde|\bprélèv|\bperiodo|\bmes\b|\bvencimiento|\bsaldo|\bcargo en|\bperíodo|\bmês|\bvencimento|\bdébito"
    r"|\bпериод|\bмесяц|\bк оплате|\bостаток|本期|账期|帳期|余额|餘額|截止|到期|用量|月分|今月|請求|振替|残高|引き落とし|이번 달|청구|잔액|결제일|사용량",
    re.IGNORECASE,
)
_SHOP_LIST = re.compile(r"\bnewsletters?\b|\bmailing list|\brundbrief|\binfolettre|\bbolet[ií]n|\bboletim|рассылк|电子报|電子報|订阅|訂閱|メルマガ|メールマガジン|購読|뉴스레터|구독", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|herr|herrn|frau|monsieur|madame|mme|señor|señora|sr|sra|senhor|senhora|dona|г-н|г-жа|господин|госпожа)\.? ((?:[^\W\d_][\w'’-]+ ?){1,3})",
    re.IGNORECASE,
)
_HONOURED = re.compile(r"(?:^|\n)\s*(?:尊敬的|亲爱的|親愛的|敬爱的|敬愛的)?\s?([\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3・ ]{2,12}?)\s?(?:先生|女士|小姐|様|さま|님)")
_SLOTS = (
    (Slot.TWO_FACTOR, BIT["TFA"]),
    (Slot.RECOVERY, BIT["RECOV"]),
)
_SSO = re.compile(
    r"\b(?:sign(?:ed)? ?-?in|log(?:ged)? ?-?in|login|connect\w*|regist\w+) (?:with|via|using|through) (?:your )?(?:google|apple|facebook|qq|wechat|weibo|microsoft|twitter|github|line|kakao|naver|vk)\b|(?:用|使用|通过|透過)\s?(?:QQ|微信|微博|支付宝|Google|Apple|Facebook)[^。\n]{0,6}登[录入]|\bQQ sign-in",
    re.IGNORECASE,
)


_NEEDS_WORDS = frozenset({MailKind.WELCOME, MailKind.SECURITY, MailKind.CODE, MailKind.STATEMENT, MailKind.RESET})
_ACCOUNT_NOUNS = BIT["ACC"] | BIT["REG"] | BIT["LOGIN"] | BIT["USER"]
_BORROWED = frozenset({MailKind.STATEMENT, MailKind.RECEIPT, MailKind.OTHER, MailKind.NEWSLETTER, MailKind.WELCOME})
_ACCOUNT_BITS = BIT["ACC"] | BIT["LOGIN"] | BIT["SEC"] | BIT["PWD"] | BIT["CONF"]


class Standing(StrEnum):
    """What one message says about an account of this person at its sender."""

    PROOF = "proof"  # can only be sent to somebody who has one
    HINT = "hint"  # probable, but somebody else could have caused it
    NONE = "none"  # says nothing, or that there is none
    CLOSED = "closed"  # had one, and it is gone


@dataclass(frozen=True, slots=True)
class Reading:
    """One opened message. ``slots``: where it shows the address to be; ``other``: it speaks to another person by name."""

    kind: MailKind
    standing: Standing
    logins: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    other: bool = False


def read(
    subject: str, body: str, *, sender: str = "", name: str = "", listed: bool = False, names: Sequence[str] = ()
) -> Reading:
    """Read one opened message.

    ``body``: the text that a person sees. ``names``: what the person is called, where they said so: mail that greets somebody else by full name
    then proves nothing. Pure, never raises, linear in the capped input.
    """
    subject = subject[: kinds.SUBJECT_CAP]
    text = own_text(body)
    kind, sure = kinds.decide(subject, sender=sender, name=name, listed=listed)
    if kind is MailKind.PERSONAL or (sender and is_mail_system(sender, name)):
        return Reading(kind, Standing.NONE)
    whole = f"{subject}\n{text}"
    vague = False
    if kind is not MailKind.OTHER or not sure:
        kind, vague = _by_text(kind, sure, subject, text, listed=listed)
    standing = _standing(kind, subject, text + (" https:" if "https:" in body[:BODY_CAP] else ""), sure=sure)
    if standing is Standing.PROOF and kind is MailKind.WELCOME and not sure and _only_invited(subject, text):
        kind, standing = MailKind.OTHER, Standing.NONE
    if standing is Standing.PROOF and (vague and kind in _NEEDS_WORDS or phrases.SCAM.search(whole)):
        standing = Standing.HINT
    if standing is Standing.CLOSED:
        kind = MailKind.CLOSED
    elif standing is Standing.NONE and kind not in {MailKind.RECEIPT, MailKind.NEWSLETTER, MailKind.RESET} and _denies(text, subject):
        kind = MailKind.RESET if concepts(whole[:1500]) & BIT["PWD"] else kind
    other = bool(names) and speaks_to_another(whole, names)
    if other:
        standing = Standing.NONE
    logins = login_names(subject, text, names=names) if not other else ()
    if standing in {Standing.NONE, Standing.HINT} and logins and not other and not (kind is MailKind.OTHER and sure) and _names_the_account(kind, whole, text, subject):
        # Whoever knows the login name writes to the one who has it.
        standing = Standing.PROOF
    if standing is Standing.NONE:
        logins = ()
    return Reading(kind, standing, logins, _slots(kind, subject, text), other)


def _names_the_account(kind: MailKind, whole: str, text: str, subject: str) -> bool:
    """Whether a message that states a login name may count as proof by that alone."""
    if kind in {MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.CLOSED} or phrases.GUEST.search(whole) or phrases.SCAM.search(whole):
        return False
    return not _denies(text, subject) and not phrases.INVITED.search(text)


def seen_text(texts: Sequence[str], pages: Sequence[str]) -> str:
    """The text to read of a message: its plain parts, or its pages' visible text where the plain part is only a stub of it."""
    plain, page = "\n".join(texts), "\n".join(pages)
    return plain if len(plain) >= 300 or len(plain) * 5 >= len(page) * 4 else page


def own_text(body: str) -> str:
    """The writer's own words: cut, without addresses of pages, quoted lines and forwarded mail."""
    text = body[:BODY_CAP].replace("\r\n", "\n")
    forwarded = phrases.FORWARDED.search("\n" + text)
    if forwarded:
        text = text[: max(0, forwarded.start() - 1)]
    return _WRAPPED.sub(" ", _URL.sub(" ", _QUOTE.sub("", text)))


def speaks_to_another(text: str, names: Sequence[str]) -> bool:
    """Whether it addresses somebody by a title and a name that is not the person's."""
    mine = {folded(word.lower()) for name in names for word in re.findall(r"[^\W\d_]+", name)}
    glyphs = "".join(names)
    head = text[:600]
    for found in _TITLED.finditer(head):
        words = [w for w in found[1].split() if w[:1].isupper()]
        if words and not any(folded(w.lower()) in mine for w in words):
            return not any(concepts(w) for w in words)
    for found in _HONOURED.finditer("\n" + head):
        called = found[1].strip()
        if len(called) >= 3 and not called.endswith(("고객", "회원", "客", "員", "员", "者", "皆", "户", "戶")) and not concepts(called) and not any(c in glyphs for c in called if c not in "・ "):
            return True
    return False


def _only_invited(subject: str, text: str) -> bool:
    """Whether the person is asked to make an account, and nothing says that one was made."""
    made = any(m & _ACCOUNT_NOUNS and m & (BIT["MADE"] | BIT["DONE"]) for m in (concepts(s[:300]) for s in _SPLIT.split(text)[:10]))
    return bool(phrases.INVITED.search(text)) and not made and not concepts(subject) & BIT["WEL"]


def _by_text(kind: MailKind, sure: bool, subject: str, text: str, *, listed: bool) -> tuple[MailKind, bool]:
    """The kind by the subject, corrected by the text; and whether only a vague sentence of the text speaks for it."""
    mask, head = concepts(subject), concepts(text[:1500])
    ad = listed or bool(phrases.AD.search(text))
    votes = _votes(text)
    strong = next((k for k, s in votes if s and k is not MailKind.NEWSLETTER), None)
    fallback = kind
    if kind is MailKind.CODE and not sure:
        if not mask & BIT["CODE"]:
            kind = MailKind.OTHER  # "sign in" alone: the text says to what
        elif text.strip() and not _CODE_USE.search(text) and not head & _ACCOUNT_BITS:
            return MailKind.NEWSLETTER, False
        elif strong in {MailKind.WELCOME, MailKind.VERIFICATION, MailKind.SECURITY} and not head & BIT["CODE"]:
            return strong, False
    if kind is MailKind.WELCOME and ad and _SHOP_LIST.search(f"{subject}\n{text[:400]}") and not head & BIT["ACC"]:
        return MailKind.NEWSLETTER, False
    if kind is MailKind.RESET:
        # "Password reset" is also the subject of the news that it was done.
        about = next((k for k, s in votes if s and k in {MailKind.RESET, MailKind.SECURITY}), kind)
        return (about if about is MailKind.SECURITY and not _denies(text, subject) else kind), False
    if kind is MailKind.STATEMENT and not phrases.ACCOUNT_SEEN.search(text) and strong is not MailKind.STATEMENT:
        stated = _AMOUNT.search(text) or _PERIOD.search(text) or any(k is MailKind.STATEMENT for k, _ in votes)
        if ad or (text.strip() and not stated) or head & BIT["PROMO"]:
            return MailKind.NEWSLETTER, False
    if sure:
        return kind, False
    if kind is MailKind.OTHER and (mask & BIT["NOTICE"] or phrases.OWN_CONTENT.search(subject)):
        return kind, False
    if ad and kind in _BORROWED and strong in {None, MailKind.RECEIPT, MailKind.STATEMENT} - {kind}:
        return MailKind.NEWSLETTER, False
    if kind is MailKind.NEWSLETTER and ad:
        return kind, False
    if kind in {MailKind.OTHER, MailKind.NEWSLETTER}:
        return _elected(kind, fallback, votes, text, ad=ad)
    return _corrected(kind, strong, head), False


def _elected(kind: MailKind, fallback: MailKind, votes: list[tuple[MailKind, bool]], text: str, *, ad: bool) -> tuple[MailKind, bool]:
    """The kind that most of the text speaks for, where the subject says little; and whether that is vague."""
    score: dict[MailKind, float] = dict.fromkeys(MailKind, 0.0)
    for number, (voted, clear) in enumerate(votes):
        score[voted] += (2.0 if clear else 1.0) * (1.0 if number < 2 else 0.5) * (0.5 if voted in {MailKind.OTHER, MailKind.NEWSLETTER} else 1.0)
    if fallback not in {MailKind.OTHER, MailKind.NEWSLETTER}:
        score[fallback] += 1.5
    if kind is MailKind.NEWSLETTER:
        score[kind] += 1.5
    if ad:
        score[MailKind.NEWSLETTER] += 2.0
    if _ALARM.search(text) and phrases.DISCLAIMER.search(text):
        score[MailKind.SECURITY] += 1.5
    if _SHORT_LIVED.search(text) and _TOKEN.search(text):
        confirming = concepts(text[:600]) & (BIT["REG"] | BIT["MINE"] | BIT["STEP"])
        score[MailKind.VERIFICATION if confirming else MailKind.CODE] += 1.5
    if len(_AMOUNT.findall(text[:2000])) >= 2:
        score[MailKind.STATEMENT if _PERIOD.search(text) else MailKind.RECEIPT] += 1.5
    if phrases.OWN_CONTENT.search(text):
        score[MailKind.OTHER] += 1.5
    if phrases.INVITED.search(text):
        score[MailKind.OTHER] += 1.0
    winner = max(score, key=lambda k: score[k])
    if not score[winner] or (score[winner] < 1.5 and winner in {MailKind.STATEMENT, MailKind.RECEIPT}):
        return MailKind.NEWSLETTER, False
    return winner, score[winner] < 2.0 and winner is not fallback


def _corrected(kind: MailKind, strong: MailKind | None, head: int) -> MailKind:
    """A doubtful subject against a text that leaves no doubt."""
    if kind is MailKind.VERIFICATION and strong is MailKind.WELCOME:
        return MailKind.VERIFICATION if head & BIT["CONF"] else MailKind.WELCOME
    if kind is MailKind.WELCOME and head & (BIT["USER"] | BIT["MADE"]):
        return kind
    changes = {
        MailKind.SECURITY: {MailKind.RESET, MailKind.CODE},
        MailKind.WELCOME: {MailKind.VERIFICATION},
        MailKind.RECEIPT: {MailKind.STATEMENT},
    }
    return strong if strong is not None and strong in changes.get(kind, ()) else kind


def _votes(text: str) -> list[tuple[MailKind, bool]]:
    """What each sentence speaks for, in order; sentences for whoever did not ask are left out."""
    found: list[tuple[MailKind, bool]] = []
    english = " the " in text and len(text) > 400  # where grammar always says whom it speaks to, a report about others can be told
    for sentence in [s for s in _SPLIT.split(text) if s and not s.isspace()][:_SENTENCES]:
        sentence = sentence[:300]
        if phrases.DISCLAIMER.search(sentence) or english and not _ADDRESSING.search(sentence):
            continue
        kind, sure = kinds.by_words(concepts(sentence), sentence)
        if kind is not None:
            found.append((kind, sure))
    return found


def _denies(text: str, subject: str) -> bool:
    """Whether it says that there is no account for this address."""
    if phrases.NO_ACCOUNT.search(subject):
        return True
    return any(phrases.NO_ACCOUNT.search(s) and not phrases.DISCLAIMER.search(s) for s in _SPLIT.split(text)[:_SENTENCES] if s)


def _standing(kind: MailKind, subject: str, text: str, *, sure: bool) -> Standing:
    whole = f"{subject}\n{text}"
    if kind is MailKind.CLOSED or (kind in {MailKind.OTHER, MailKind.SECURITY, MailKind.WELCOME, MailKind.NEWSLETTER} and _says_closed(subject, text)):
        return Standing.CLOSED
    if kind in {MailKind.PERSONAL, MailKind.NEWSLETTER}:
        member = kind is MailKind.NEWSLETTER and phrases.MEMBERS.search(whole)
        return Standing.HINT if member else Standing.NONE
    guest = bool(phrases.GUEST.search(whole))
    mask = concepts(whole[:1500])
    if kind is MailKind.RECEIPT:
        owned = phrases.ACCOUNT_SEEN.search(text) and not phrases.NO_ACCOUNT.search(whole) and not phrases.INVITED.search(text)
        return Standing.PROOF if owned and not guest and not _negated(text, BIT["ACC"] | BIT["REG"] | BIT["LOGIN"]) else Standing.NONE
    if kind is MailKind.OTHER:
        if guest or phrases.INVITED.search(whole) or concepts(subject) & (BIT["INVITE"] | BIT["PICK"] | BIT["AUTO"] | BIT["BOUNCE"]):
            return Standing.NONE
        if phrases.OWN_CONTENT.search(subject) or concepts(subject) & BIT["NOTICE"] and phrases.OWN_CONTENT.search(text):
            return Standing.PROOF
        return Standing.HINT if phrases.OWN_CONTENT.search(text) else Standing.NONE
    if (kind is not MailKind.SECURITY or not sure) and _denies(text, subject):
        return Standing.NONE
    if kind is MailKind.RESET and (_negated(text, BIT["ACC"] | BIT["REG"] | BIT["MAIL"] | BIT["USER"]) or not _ACTION.search(whole)):
        return Standing.NONE  # an answer without a way to a new password is the answer that there is nothing to reset
    if guest and kind in {MailKind.CODE, MailKind.VERIFICATION, MailKind.STATEMENT, MailKind.WELCOME}:
        return Standing.NONE
    if kind is MailKind.VERIFICATION:
        changing = any(phrases.CHANGING.search(s) and not phrases.DISCLAIMER.search(s) for s in [subject, *_SPLIT.split(text)[:_SENTENCES]] if s)
        return Standing.PROOF if changing and not _SHOP_LIST.search(whole) else Standing.HINT
    if kind in {MailKind.WELCOME, MailKind.CODE} and not mask & (_ACCOUNT_BITS | BIT["USER"] | BIT["TFA"] | BIT["REG"]):
        return Standing.HINT  # to an event, a queue, a letter: nothing speaks of an account
    if kind is MailKind.CODE and not _TOKEN.search(whole) and not mask & BIT["LOGIN"]:
        return Standing.HINT  # "arbitrary code": no code is in it
    if kind is MailKind.SECURITY and not sure and not mask & (_ACCOUNT_NOUNS | BIT["PWD"] | BIT["TFA"] | BIT["KEY"] | BIT["PHONE"]):
        return Standing.HINT
    return Standing.PROOF


def _negated(text: str, about: int) -> bool:
    """Whether a sentence denies something of these concepts (and of no password: that one "will not change")."""
    for sentence in _SPLIT.split(text)[:20]:
        mask = concepts(sentence[:300])
        if mask & BIT["NOT"] and mask & about and not mask & BIT["PWD"] and not phrases.DISCLAIMER.search(sentence):
            return True
    return False


def _says_closed(subject: str, text: str) -> bool:
    """Whether a sentence says that the account itself is gone, not an address, a key or a card of it."""
    parts = BIT["MAIL"] | BIT["KEY"] | BIT["TFA"] | BIT["PHONE"] | BIT["PAY"] | BIT["ORD"] | BIT["PWD"]
    for sentence in [subject, *_SPLIT.split(text)[:10]]:
        if not sentence or phrases.DISCLAIMER.search(sentence):
            continue
        mask = concepts(sentence[:300])
        if not mask & parts and (phrases.CLOSED.search(sentence) or kinds.by_words(mask, sentence)[0] is MailKind.CLOSED):
            return True
    return False


def _slots(kind: MailKind, subject: str, text: str) -> tuple[Slot, ...]:
    if kind in {MailKind.RECEIPT, MailKind.STATEMENT}:
        return (Slot.BILLING,)
    if kind is MailKind.NEWSLETTER:
        return (Slot.NEWSLETTER,)
    if kind in {MailKind.PERSONAL, MailKind.CLOSED}:
        return ()
    whole = f"{subject}\n{text[:1200]}"
    mask = concepts(subject) | (concepts(text[:600]) if kind in {MailKind.SECURITY, MailKind.CODE} else 0)
    found = [slot for slot, bit in _SLOTS if mask & bit]
    if _SSO.search(whole):
        found.append(Slot.SSO)
    if kind is MailKind.OTHER or (not found and kind in {MailKind.SECURITY, MailKind.VERIFICATION} and phrases.CHANGING.search(whole) and mask & BIT["MAIL"]):
        found.append(Slot.CONTACT)
    return tuple(found) or (Slot.SIGN_IN,)
