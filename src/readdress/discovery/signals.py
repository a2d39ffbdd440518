"""Small signs in an opened message: amounts, short-lived codes, urgent advice, how its text falls into sentences.

Every pattern is linear in the capped text: gaps are bounded, nothing repeats a repetition.
"""

from __future__ import annotations

import re

LONG = 2_500
"""Characters: mail about an account is short. A long text under a subject that says nothing is an article, whatever words it holds."""
SENTENCES = 40
URL = re.compile(r"https?://\S{1,2000}|\bwww\.\S{1,300}")
SPLIT = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n+")
WRAPPED = re.compile(r"(?<=[^\n]{52})\n(?=[^\s])")  # a line this long was broken by a program, not by its writer
QUOTE = re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE)
CODE_USE = re.compile(
    r"\bminut|\bstund|\bheure|\bhora\b|\bчас|\bминут|分钟|分鐘|分以内|分内|分です|초|분 |秒|\bexpir|\bvalid|\bgültig|\bshare|\bcompart|\bweiterg|\bcommuniqu|\btell\b"
    r"|\bsign|\blog|anmeld|einlog|\bentrar|\bacces|\baccéd|\bconnect|вход|войти|\benter\b|\bintrodu[cz]|\bescrib|\bsaisi|\beingeb|\btipp|\bдейств|\bсообща|\bвведит|输入|輸入|入力|입력|泄露|洩漏|告诉|告訴|教え|登录|登入|로그인|ログイン",
    re.IGNORECASE,
)
ACTION = re.compile(
    r"https?:|\bclick|\btap\b|\blink\b|\bbutton|\bhours?\b|\bminutes?\b|\bexpire|\bset (?:a|your)|\bchoose (?:a|your|an)|\bcreate (?:a|your) (?:new )?pass|\btype\b|\benter\b|\bklick|\bschaltfläche|\bstunden?\b|\bminuten\b|\bgilt\b|\bgültig|\bneu (?:vergeben|setzen|festlegen)|\btippen"
    r"|\bcliqu|\blien\b|\bbouton|\bheures?\b|\bchoisi|\bdéfini|\bsaisi|\bpulsa|\bclic\b|\benlace|\bbotón|\bhoras?\b|\bminutos\b|\bcrear? |\belige|\bescrib|\bclique|\bbotão|\bligação|\bescolh|\bdigite"
    r"|\bнажмите|ссылк|\bкнопк|\bчас\w*\b|\bминут|\bсутки|\bзада[тй]|\bвведите|点击|點擊|點選|按一下|链接|連結|按钮|小时|小時|分钟|分鐘|输入|輸入|クリック|リンク|ボタン|時間|分以内|入力|こちら|URL|링크|버튼|클릭|눌러|시간|입력|만들기",
    re.IGNORECASE,
)
ADDRESSING = re.compile(r"\byou|\bwe\b|\bour\b|\bplease\b|:", re.IGNORECASE)
ALARM = re.compile(
    r"\bimmediately|\bat once|\bright away|\bsecure your|\block (?:it|the|your|access)|\bcontact us|\bcall us|\bsofort|\bumgehend|\bsperren|\bmelden sie sich bei|\bimmédiatement|\bsans attendre|\bbloquez|\bcontactez|\bau plus vite"
    r"|\binmediat|\bcuanto antes|\bbloque[ae]|\bcontact[ea]|\bimediat|\bquanto antes|\bbloqueie|\bnemedl|\bнемедленно|\bсрочно|\bзаблокируйте|\bсвяжитесь|立即|馬上|马上|尽快|儘快|立刻|すぐに|ただちに|速やかに|至急|즉시|바로|지금",
    re.IGNORECASE,
)
SHORT_LIVED = re.compile(
    r"\d{1,4} ?(?:min|сек|мин|分|초|분|秒)|\b(?:minutes?|minuten|minutos?|минут)\b|\bexpires?\b|\bläuft\b|\bcaduca|\bonce\b|\bverfällt|有效|有効|유효|expir|истека|действу",
    re.IGNORECASE,
)
TOKEN = re.compile(
    r"(?<![\w.,€$])(?:\d[ -]?){4,8}(?![\w.,%€$])|\b(?=[A-Z0-9-]{0,30}\d)[A-Z0-9]{2,5}(?:-[A-Z0-9]{2,5}){1,3}\b|(?<![A-Za-z0-9.])\d{4,8}(?![A-Za-z0-9])"
)
AMOUNT = re.compile(
    r"[$€£¥￥]\s?\d|\d[\d.,\s]{0,14}\s?(?:€|\$|£|eur\b|usd\b|руб|₽|元|円|원|chf\b|zł|kr\b)|r\$\s?\d|nt\$|hk\$|\d[.,]\d\d\b(?![.,]\d)",
    re.IGNORECASE,
)
PERIOD = re.compile(
    r"\bperiod\b|\bmonth|\bbalance\b|\bdue\b|\bzeitraum|\bmonat|\bfällig|\babschlag|\bguthaben|\bpériode|\bmois\b|\béchéance|\bsolde|\bprélèv|\bperiodo|\bmes\b|\bvencimiento|\bsaldo|\bcargo en|\bperíodo|\bmês|\bvencimento|\bdébito"
    r"|\bпериод|\bмесяц|\bк оплате|\bостаток|本期|账期|帳期|余额|餘額|截止|到期|用量|月分|今月|請求|振替|残高|引き落とし|이번 달|청구|잔액|결제일|사용량",
    re.IGNORECASE,
)
SHOP_LIST = re.compile(
    r"\bnewsletters?\b|\bmailing list|\brundbrief|\binfolettre|\bbolet[ií]n|\bboletim|рассылк|电子报|電子報|订阅|訂閱|メルマガ|メールマガジン|購読|뉴스레터|구독",
    re.IGNORECASE,
)
TITLED = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|herr|herrn|frau|monsieur|madame|mme|señor|señora|sr|sra|senhor|senhora|dona|г-н|г-жа|господин|госпожа)\.? ((?:[^\W\d_][\w'’-]+ ?){1,3})",
    re.IGNORECASE,
)
HONOURED = re.compile(
    r"(?:^|\n)\s*(?:尊敬的|亲爱的|親愛的|敬爱的|敬愛的)?\s?([\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3・ ]{2,12}?)\s?(?:先生|女士|小姐|様|さま|님)"
)


CLOCK = re.compile(r"(?<!\d)\d{1,2}\s?(?:[:h点點時时시]|Uhr|a\.?m|p\.?m)\s?\d{0,2}(?!\d)")


def tidy(text: str) -> str:
    """The same lines without runs of white space, which patterns would try again and again; at most one empty line at a time."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join(line for number, line in enumerate(lines) if line or (number and lines[number - 1]))
