"""Login names where a mail states one: after a label ("Username: x"), as what an account is called, or as the name it greets.

Conservative: an ordinary word or a person's name is no login. Outside of a label only a token that cannot be either (digits,
underscores, inner dots) counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from readdress.discovery.lexicon import BIT, concepts, folded
from readdress.discovery.signals import tidy

_CAP = 4_000
MOST = 4
_HANDLE = r"@?[A-Za-z0-9][A-Za-z0-9_.+-]{1,38}[A-Za-z0-9]"
_VALUE = rf"(\d{{1,4}}(?: \d{{2,4}}){{1,4}}|{_HANDLE})"
_LABEL = re.compile(
    r"(?:\b(?:user ?name|user ?id|login(?: name| id)?|log-?in name|account (?:name|id|number)|member(?:ship)? (?:id|no\.?|number)|customer (?:id|no\.?|number)|screen ?name|nickname|handle|policy ?holder number|student (?:id|number)"
    r"|benutzername|nutzername|benutzerkennung|anmeldename|kundennummer|kunden-?nr\.?|mitgliedsnummer|mitglieds-?nr\.?|loginname|benutzer-?id|zugangsnummer|matrikelnummer|nutzerkennung"
    r"|identifiant|référence client|nom d['’]utilisateur|numéro (?:d['’]adhérent|de client|client|d['’]abonné|de membre|d['’]utilisateur)|n° (?:client|d['’]adhérent|adhérent|abonné)|pseudo(?:nyme)?|sous le numéro|adhérente?|abonnée? n°"
    r"|(?:nombre de )?usuario|n[úu]mero de (?:cliente|socio|usuario|abonado|póliza)|n\.?º de (?:cliente|socio)|identificador|alias"
    r"|(?:nome de )?(?:usu[áa]rio|utilizador)|matr[íi]cula|n[úu]mero de (?:cliente|s[óo]cio|utente|utilizador)|apelido de utilizador"
    r"|логин|имя пользователя|имя учётной записи|лицев\w+ сч[её]т\w*|номер (?:абонента|клиента|участника|договора)|абонентский номер|никнейм)"
    r"|用户名|用戶名|登录名|登入名稱|登录账号|登入帳號|登录帐号|会员账号|會員帳號|会员号|會員編號|会员编号|學號|学号|账号|帐号|帳號|账户名|帳戶名稱|通行证|履歷編號|昵称|暱稱|客户号|客戶編號|用户号|户号|戶號|卡号"
    r"|ログインID|ユーザーID|ユーザー名|会員番号|会員ID|お客様番号|お客様ID|利用者番号|アカウント名|契約者番号|学籍番号|学生番号|(?<![A-Za-z])ID"
    r"|아이디|회원 ?번호|회원 ?ID|고객 ?번호|로그인 ?ID|학번|사번|사용자 ?이름|사용자명|계정명|닉네임)"
    r"(?:\s?[:：=]\s?|\s(?:is|lautet|ist|est|es|é|:|—|-)\s:?\s?|은\s|는\s|は\s?|为\s?|為\s?|是\s?|\s)[\"“«「‘'<]?"
    + _VALUE
    + r"(?![A-Za-z0-9_@])",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?:\b(?:player|captain|hero|gamer|joueu(?:r|se)|jugadora?|jogadora?|capit(?:ain|ã|ão|án|ana)|spieler(?:in)?|nutzer(?:in)?|subscriber|assinante|игрок\w*|герой|участник\w*|account|profile|login|username|user|konto|zugang|profil|compte|cuenta|conta|perfil|аккаунт\w*|пользовател\w+|профил\w*|kundenkonto|benutzer|id)\b|\b(?:as|als|como|for|für|pour|para|para o utilizador|entrar como|thread you started as|replaced? for|now follows|of)\b|\baccount (?:was |is |has been )?(?:opened|created|ready)\b|通行证|通行證|账号|帐号|帳號|账户|帳戶|玩家|用户|用戶|会员|會員|ユーザー|冒険者|사용자|용사|계정|회원번호|履歷|履历|发现|發現)\s?[:：]?\s?[\"“«「(]?("
    + _HANDLE
    + r")(?![A-Za-z0-9_@])",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:^|\n)\s*(?:(?:hi|hello|hey|dear|welcome(?: aboard| back)?|hallo|moin|guten tag|liebe[r]?|bonjour|bienvenue|salut|au revoir|hola|hasta siempre|estimad[oa]|bienvenid[oa]|olá|ola|oi|tchau|adeus|здравствуйте|привет)[,，]?\s+|(?:嗨|哈囉|您好|你好|尊敬的|亲爱的|親愛的)[,，]?\s?)("
    + _HANDLE
    + r")(?![A-Za-z0-9_@])",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?:^|\n)\s*(" + _HANDLE + r")\s?(?:,|，|様|さん|さま|님|您好|你好|同学|:|、)")
_HANGING = re.compile(r"(?<![\w@.])(" + _HANDLE + r")\s?(?:님의|님,|님 |様|さん(?:の|、)|계정|학생|회원)")
_CAMEL = re.compile(r"(?<![\w@./-])[A-Z]?[a-z]{2,15}[A-Z][A-Za-z0-9]{1,20}(?![\w@/])")
_ADDRESSED = re.compile(
    r"(?:(?<=\n)|(?<=^)|(?<=[\s，、,「《“]))([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3ー0-9A-Za-z_]{3,16}?)(?=\s?(?:様|さん|さま|님|，|、|,|：|:|」|》|”|您好|你好))"
)
_POLITE = re.compile(r"女士|先生|小姐|同学|同學|老师|老師|您好|你好|高客|고객|회원|親愛|亲爱|尊敬")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_HOST = re.compile(
    r"\.(?:com|net|org|co|io|cn|de|fr|es|pt|ru|jp|kr|tw|br|example|test|html?|php|pdf|jpe?g|png)$", re.IGNORECASE
)
_NOT = frozenset(
    [
        "e-mail",
        "email",
        "mail",
        "http",
        "https",
        "www",
        "page",
        "site",
        "here",
        "your",
        "the",
        "this",
        "that",
        "account",
        "password",
        "passwort",
        "address",
        "number",
        "name",
        "code",
        "login",
        "sign-in",
        "e-post",
        "one-time",
        "two-factor",
        "two-step",
        "ios",
        "android",
        "windows",
        "linux",
        "chrome",
        "firefox",
        "id",
        "sms",
        "pin",
        "url",
        "faq",
        "pdf",
        "and",
        "or",
        "with",
    ]
)


def login_names(subject: str, body: str = "", *, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Login names, customer and member numbers that the mail states verbatim, likeliest first, at most :data:`MOST`.

    ``names``: what the person is called, so that a plain word made of it (``annemail`` for Anne) is known as a login. The person's address
    itself is never one, though many services sign in with it. Input is capped; pure, linear.
    """
    text = _ADDRESS.sub(" ", tidy(f"{subject[:300]}\n{body[:_CAP]}"))
    words = {folded(word.lower()) for name in names for word in re.findall(r"[^\W\d_]+", name)}
    pieces = tuple(word for word in words if word.isascii() and len(word) >= 3)
    given, short = _shapes(names)

    def told(value: str) -> bool:
        """A word that begins with a piece of the person's name, and is more than it."""
        plain = value.lower()
        if len(value) < 5 or plain in words or not plain.isascii():
            return False
        if value.islower():
            return value.startswith(pieces + short)
        # "Mialina", "DameMia": a name made of the given name; "Lindberg" is somebody else's family name.
        return plain.startswith(short + given) or plain.endswith(given)

    found: list[str] = []
    for match in _LABEL.finditer(text):
        value = _clean(match[1])
        if value and (
            _is_handle(value)
            or told(value)
            or (value.isascii() and value.islower() and len(value) >= 4 and ":" in match[0].replace("：", ":"))
        ):
            found.append(value)
    for pattern in (_CALLED, _GREETING, _LEADING, _HANGING):
        found += [
            value
            for match in pattern.finditer(text)
            if (value := _clean(match[1])) and (_is_handle(value) or told(value))
        ]
    found += _beside_account_words(text, told, coded=bool(concepts(subject[:300]) & BIT["CODE"]))
    found += [m[0] for m in _CAMEL.finditer(text) if told(m[0]) or any(p in m[0].lower() for p in given)]
    if short:
        found += [m[0] for m in _TOKEN.finditer(text) if m[0].lower().startswith(short) and told(_clean(m[0]))]
    found += _in_other_scripts(text, names)
    unique = list(dict.fromkeys(found))
    return tuple(value for value in unique if not any(value != other and value in other for other in unique))[:MOST]


def _shapes(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of names in Latin letters: the given names, and the initial with the family name (``alovelace``)."""
    given, short = [], []
    for name in names:
        words = [folded(w.lower()) for w in re.findall(r"[^\W\d_]+", name)]
        if len(words) >= 2 and all(w.isascii() for w in words):
            given.append(words[0])
            if len(words[-1]) >= 3:
                short.append(words[0][0] + words[-1])
    return tuple(w for w in dict.fromkeys(given) if len(w) >= 3), tuple(dict.fromkeys(short))


def _in_other_scripts(text: str, names: Sequence[str]) -> list[str]:
    """Names that are made of the person's in a script without spaces, and addressed: longer than any name they are known by."""
    known = {re.sub(r"[\s・]", "", name) for name in names}
    pieces = [name for name in known if len(name) >= 2 and name[0] >= "\u2e80"]
    if not pieces:
        return []
    found = []
    for match in _ADDRESSED.finditer(text):
        value = match[1].strip("・ ")
        if (
            3 <= len(value) <= 16
            and value not in known
            and any(p in value for p in pieces)
            and not _POLITE.search(value)
            and not any(value.endswith(name) for name in known if len(name) > 2)
        ):
            found.append(value)
    return found


def _clean(value: str) -> str:
    value = value.strip(" .,:;-–—\"'“”«»「」()[]")
    return "" if value.lower() in _NOT or len(value) < 3 or len(value) > 40 else value


def _is_handle(value: str) -> bool:
    """A token that is neither a word nor a person's name: a digit with a letter, an inner underscore or dot in lower case, an @, or a number in groups."""
    bare = value.lstrip("@")
    if _HOST.search(bare):
        return False
    if value.startswith("@"):
        return len(bare) >= 3
    if any(c >= "\u2e80" for c in value) and not re.search(r"[a-zA-Z0-9]{3}", value):
        return False
    digits = sum(c.isdigit() for c in bare)
    letters = sum(c.isalpha() for c in bare)
    if digits and letters:
        return digits + letters >= 4 and not re.fullmatch(r"\d{1,2}[a-z]{1,2}|[\d.,]+[A-Za-z€$]{1,3}|v\d[\d.]*", bare)
    if digits:
        return digits >= 4 and not re.fullmatch(
            r"(?:19|20)\d\d(?:[./-]\d{1,2}){0,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d+[.,]\d\d", bare
        )
    return "_" in bare or bool(re.fullmatch(r"[a-z]{2,20}\.[a-z]{2,20}", bare))


_TOKEN = re.compile(r"(?<![\w@./#-])(" + _HANDLE + r"|\d{1,4}(?: \d{2,4}){1,3})(?![\w@/])")
_SENTENCE = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n+")
_NUMBERED = re.compile(
    r"(?:#|\bn[or°º]\.?|№|\border|\binvoice|\bbooking|\bcode|\bpin|\btan|\bref|\bticket|\bcase|\bauftrag|\bbestell|\brechnung|\bcommande|\bfacture|\bpedido|\bfactura|\bfatura|\bзаказ|\bсчет|订单|訂單|单号|單號|注文|受注|주문|코드|码|碼|コード|번호)[\w ]{0,12}[:：.]?\s?$",
    re.IGNORECASE,
)


def _beside_account_words(text: str, told: Callable[[str], bool], *, coded: bool) -> list[str]:
    """Tokens that can be nothing but a name or number of the person's, in a sentence that speaks of an account and of no order or code."""
    found = []
    for sentence in _SENTENCE.split(text)[:40]:
        if not sentence:
            continue
        mask = concepts(sentence[:300])
        if not mask & _ACCOUNT or (mask & _TRADE and not mask & BIT["USER"]):
            continue
        for match in _TOKEN.finditer(sentence[:300]):
            value = _clean(match[1])
            if (
                (value.isdigit() and len(value) < 6)
                or (coded and not any(c.islower() for c in value))
                or re.fullmatch(r"[a-z]+-[a-z]+", value)
            ):
                continue
            if (
                value
                and (_is_handle(value) or told(value))
                and not _NUMBERED.search(sentence[: match.start()][-30:])
                and not _OTHER_NUMBER.match(value)
            ):
                found.append(value)
    return found


_OTHER_NUMBER = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}$|\d{1,2}[:h]\d\d|\d{4}-\d\d-\d\d|\d+(?:st|nd|rd|th|h|am|pm|min|kg|km|gb|mb|eur|usd|kwh)$|(?:19|20)\d\d$",
    re.IGNORECASE,
)
_ACCOUNT = BIT["ACC"] | BIT["USER"] | BIT["LOGIN"] | BIT["WEL"] | BIT["REG"] | BIT["MADE"]
_TRADE = (
    BIT["ORD"]
    | BIT["BOOK"]
    | BIT["INV"]
    | BIT["CODE"]
    | BIT["PAY"]
    | BIT["SHIP"]
    | BIT["PICK"]
    | BIT["PROMO"]
    | BIT["RCPT"]
    | BIT["STMT"]
)
