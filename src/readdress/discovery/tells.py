"""Tell-tale sentences beside a mail's subject: why it says it was sent, what it demands, what it was an entry to.

They hold whatever the service is called and whatever it sells: a footer that names an account, a way out of a list, a threat that asks for
card data. Linear patterns for each language, searched in opened messages only.
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


HAVING = _any(
    r"\b(?:because|as|since) (?:you|{0}) (?:have|hold|opened|created|registered|own|are) (?:an? )?(?:[\w-]{1,30} ){0,3}(?:account|registered|member|user|customer of)\b".replace(
        "{0}", "there is"
    ),
    r"\b(?:you.re|you are) (?:getting|receiving|notified)[^.!?\n]{0,30}\b(?:notifications? (?:are|is) (?:on|enabled)|of your account|you (?:authored|opened|were mentioned|are watching|are subscribed to this thread))|\blinked to your [\w-]{1,30} (?:account|profile)",
    r"\bweil (?:sie|du) (?:\w{1,30} ){0,4}(?:konto|registriert|angemeldet|mitglied|kunde|kundin)\b|\bzu (?:ihrem|deinem) (?:\w{1,30}[- ]){0,2}(?:konto|profil) gehör",
    r"\b(?:car|parce que|puisque) (?:vous|tu) (?:avez|as|êtes|es) (?:\w{1,30} ){0,4}(?:compte|inscrite?|membre|adhérente?|cliente?|notifi\w+|ouvert)\b|\bvous êtes notifi|\bles notifications sont activées",
    r"\bporque (?:tienes|tiene|eres|es|estás) (?:\w{1,30} ){0,4}(?:cuenta|registrad[oa]|usuari[oa]|socio|socia|cliente)\b",
    r"\bporque (?:você |)(?:tem|tens|é|és|possui) (?:\w{1,30} ){0,4}(?:conta|cadastrad[oa]|registad[oa]|usuári[oa]|utilizador|cliente|assinante)\b",
    r"\b(?:потому что|так как|поскольку) (?:вы|у вас) (?:\w{1,30} ){0,3}(?:зарегистрирован\w*|аккаунт|учётная|учетная|пользовател\w+|клиент\w*|участник)",
    r"(?:因为|因為|由于|由於|是因)[^。！\n]{0,10}(?:注册|註冊|持有|拥有|擁有|会员|會員|用户|用戶|账号|帳號)[^。！\n]{0,8}",
    r"(?:ご登録|会員登録)(?:いただいて|されて|を頂いて|済み)[^。\n]{0,12}(?:お客様|方|会員|アドレス)|会員の(?:皆様|皆さま|方)(?:に|へ)(?:お送り|配信)",
    r"(?:가입|등록)(?:하신|되신|된|한) (?:고객|회원|분)[^.!?\n]{0,12}(?:보내|발송)|회원(?:님)?(?:께|에게) (?:보내|발송)",
)
"""Says that it was sent because of an account."""

LEAVE = _any(
    r"\bunsubscri|\bopt[ -]?out|\b(?:stop|no more of) (?:these|this|getting|receiving|the letters)|\bleave (?:the|this|our) list|\bemail preferences\b",
    r"\babbestell|\babmelden\b(?=[^.\n]{0,40}(?:newsletter|hier|https|\]|$))|\bkeine (?:post|werbung|e-?mails|nachrichten) mehr|\bwidersprechen|\bausgetragen|\baustragen",
    r"\bdésabonn|\bdésinscri|\bne (?:plus|souhaite[sz]? plus) (?:rien )?(?:recevoir|nous lire)|\bplus rien recevoir",
    r"\b(?:date|darse?|darte|dese) de baja|\bcancelar (?:la |tu |su )?suscripción|\bno (?:quieres?|desea|recibir) (?:recibir )?más|\bdejar de recibir",
    r"\bdescadastr|\bsair da lista|\b(?:não quer|deixar de|parar de|cancelar o) (?:mais )?receb|\banular (?:a )?subscrição|\bcancelar (?:a )?(?:subscrição|inscrição|assinatura)",
    r"\bотпис(?:ат|к)|\bотказ\w* от рассыл|\b(?:больше )?не (?:хотите )?получать (?:письм|рассыл)",
    r"退订|退訂|取消订阅|取消訂閱|拒收|不想再收|不再接收",
    r"配信(?:停止|解除)|配信を(?:停止|希望されない)|メルマガの?(?:解除|停止)|購読解除",
    r"수신 ?거부|수신을 원|메일을 원(?:치|하지)|구독 ?(?:취소|해지)|\(광고\)",
)
"""A way out of a list: mail for many."""

THREAT = _any(
    r"\b(?:will|shall) be (?:\w{1,20} )?(?:closed|deleted|terminated|suspended|blocked|deactivated|removed|lost)|\bis terminated\b|\b(?:or|otherwise|failure to)\b[^.!?\n]{0,60}\b(?:clos|delet|terminat|suspend|lose)\w*|\bwithin (?:24|48|72) hours|\bscheduled for (?:deletion|closure)",
    r"\b(?:wird|werden)\b[^.!?\n]{0,50}\b(?:gelöscht|geschlossen|gesperrt|deaktiviert)|\bsonst\b[^.!?\n]{0,60}\b(?:gelöscht|geschlossen|gesperrt)",
    r"\b(?:sera|seront|serez)\b[^.!?\n]{0,40}\b(?:clôturé|supprimé|fermé|suspendu|bloqué|désactivé)|\bfaute de quoi|\bsous (?:24|48|72) ?h",
    r"\b(?:será|serán|sera)\b[^.!?\n]{0,40}\b(?:eliminad|cerrad|suspendid|bloquead|cancelad|desactivad)|\b(?:en|dentro de) (?:24|48|72) horas",
    r"\b(?:será|serão)\b[^.!?\n]{0,40}\b(?:encerrad|exclu|eliminad|bloquead|suspens|cancelad|desativad)|\bem (?:até )?(?:24|48|72) horas",
    r"\bбуд[еу]т\b[^.!?\n]{0,40}(?:удал|закры|заблокир|отключ)|\bиначе\b|\bв течение (?:24|48|72) час",
    r"(?:将|將|即将|即將|否则|否則|逾期)[^。！\n]{0,20}(?:注销|註銷|删除|刪除|关闭|關閉|停用|停權|冻结|凍結|封停|失效)(?!提示)|(?:24|48|72) ?小[时時]内",
    r"(?:24|48|72) ?時間以内|(?:行わない|されない|ない)場合[^。\n]{0,30}(?:削除|停止|閉鎖|制限|利用でき)|(?:削除|停止|閉鎖)(?:されます|いたします|となります|の予定)",
    r"(?:삭제|정지|폐쇄|해지|차단)(?:될|됩니다|될 예정|될 수)|(?:24|48|72) ?시간 ?(?:이내|안에)|않으(?:면|시면)[^.!?\n]{0,24}(?:삭제|정지|차단)",
)
"""Says that something will be taken away unless the reader acts."""

DEMAND = _any(
    r"\b(?:confirm|verify|update|enter|provide|submit|keep|validate)\b[^.!?\n]{0,40}\b(?:password|card|bank|payment|billing|account) ?(?:details?|information|data|number)?\b[^.!?\n]{0,40}(?:\bhere\b|\bbelow\b|\bnow\b|\blink\b|https|:)|\bcard details\b|\bcurrent password\b|\bcopy of (?:a|your) passport",
    r"\b(?:bestätigen|aktualisieren|verifizieren|geben) sie\b[^.!?\n]{0,40}\b(?:daten|passwort|karten\w*|bank\w*|konto\w*)\b",
    r"\b(?:mettez à jour|confirmez|vérifiez|renseignez)\b[^.!?\n]{0,40}\b(?:informations?|coordonnées|carte|bancaires?|données|mot de passe)\b",
    r"\b(?:verifi\w+|confirm\w+|actuali\w+|introdu\w+)\b[^.!?\n]{0,30}\b(?:sus|tus) (?:datos|credenciales|tarjeta|claves?)\b",
    r"\b(?:atualize|confirme|verifique|informe)\b[^.!?\n]{0,40}\b(?:seus dados|cadastro|senha|cartão|dados bancários)\b",
    r"\b(?:подтвердите|укажите|введите|введя|обновите)\b[^.!?\n]{0,40}\b(?:данны\w+|карт\w+|реквизит\w+|паспорт\w*)\b",
    r"(?:输入|輸入|填写|填寫|提供|更新|核实|核實)[^。！\n]{0,16}(?:卡号|卡號|银行卡|密码|密碼|身份证|身分證|信用卡)",
    r"本人確認を行わない|(?:カード|口座|個人|アカウント|お支払い)(?:番号|情報)[^。\n]{0,14}(?:入力|更新|確認)(?:して|を|の)",
    r"(?:카드 ?번호|계좌|비밀번호|개인정보)[^.!?\n]{0,20}(?:확인|입력|갱신)(?:하지|해|하셔|을)",
)
"""Asks for what no honest service asks for in a mail."""

NOBODY = _any(
    r"\bdear (?:valued )?(?:customer|user|member|client|sir|account holder|friend)|\bsehr geehrte[rn]? (?:kunde|kundin|nutzer|damen)|\bche?r(?:e|s)? (?:client|utilisat|membre)|\bestimad[oa] (?:cliente|usuari)|\bprezad[oa] (?:cliente|usuári)|\bуважаем\w+ (?:клиент|пользовател|абонент)",
    r"(?:尊敬的|亲爱的|親愛的)(?:用户|用戶|客户|客戶|会员|會員)|お客様(?:の|へ|各位)|会員各位|고객님(?:의|께)",
)
"""Greets nobody by name."""

ENTRY = _any(
    r"\bwebinars?\b|\bconference\b|\bworkshop\b|\bseminar\b|\bmarathon\b|\b(?:half[- ])?race (?:number|day)|\bbib\b|\b(?:fun ?)?run\b|\bdonat(?:ion|ing)\b|\bpetition\b|\bprize draw\b|\bcompetition\b|\bopen day\b|\braffle\b|\bfestival\b|\bwristband",
    r"\bwebinar|\blauf(?:s|es)?\b|\bstartnummer|\bkonferenz|\bworkshop|\bseminar|\bspende|\bveranstaltung|\bvortrag|\bgewinnspiel|\btagung|\bmesse\b",
    r"\bwebinaire|\bconférence|\batelier|\bcolloque|\bdossard|\bcourse à pied|\bdon\b|\bpétition|\bconcours\b|\bsalon\b",
    r"\bseminario|\bjornadas?\b|\bcarrera\b|\bdorsal\b|\btaller\b|\bdonativo|\bsorteo|\bcongreso|\bpetición de firmas",
    r"\bpalestra|\boficina de\b|\bcorrida\b|\bnúmero de peito|\bdoação|\bsorteio|\bcongresso|\bseminário|\bevento\b",
    r"\bвебинар|\bконференци|\bмастер-класс|\bзабег|\bпожертвован|\bмероприят|\bсеминар|\bлекци|\bконкурс",
    r"讲座|講座|活动|活動|研讨会|研討會|论坛大会|年会|年會|捐赠|捐贈|捐款|马拉松|馬拉松|路跑|抽奖|抽獎|沙龙|沙龍|共读|共讀|展览|展覽",
    r"セミナー|講座|ウェビナー|イベント|マラソン|大会|ご寄付|抽選|説明会|体験会|講演",
    r"세미나|웨비나|강연|행사|마라톤|후원|기부|추첨|설명회|체험",
)
"""An event, a race, a donation: one registers for it without an account."""

OTHERS_DOING = _any(
    r"\b(?:signed|put|added|registered|enrolled|enlisted) you (?:up|on|to|for|in|as)\b|\b(?:entered|typed in|gave us|passed on|shared|submitted|left us) your (?:e-?mail|address|name)|\bstarted (?:a|an|your) (?:profile|account) for you|\b(?:wait(?:ing)? ?list|early access list)\b|\bwhen (?:you can|it.s your turn to) (?:create|open|join)",
    r"\bhat (?:ihre|deine) (?:e-?mail-?)?adresse (?:eingegeben|angegeben|genannt|hinterlassen)|\bhat (?:sie|dich) (?:bei [\w ]{1,30} )?(?:angemeldet|eingetragen|registriert|vorgemerkt)|\bwarteliste|\bvon einem freund",
    r"\b(?:a indiqué|a saisi|a donné|nous a transmis|a laissé|a renseigné) votre (?:adresse|e-?mail|courriel|nom)|\bvous a (?:inscrite?|ajoutée?|enregistrée?)\b|\bliste d['’]attente",
    r"\b(?:ha|nos ha|nos) (?:dado|dejado|indicado|introducido|dio) tu (?:correo|dirección|e-?mail|nombre)|\bte ha (?:apuntado|inscrito|registrado|añadido)|\blista de espera",
    r"\b(?:informou|indicou|deixou|digitou|deu|passou)(?: o)? (?:seu|teu) (?:e-?mail|endereço|nome)|\b(?:cadastrou|inscreveu|registou|adicionou) você|\b(?:inscreveu|registou)-[ot]e?\b|\bfila de espera|\blista de espera",
    r"\b(?:указал\w*|оставил\w*|ввёл|ввел|ввела|сообщил\w*) ваш\w* (?:адрес|почт|e-?mail|имя)|\b(?:зарегистрировал|записал|подключил)[аи]? вас\b|\bлист ожидания",
    r"(?:填写|填寫|留下|输入|輸入|提供|给了|給了)了?(?:您|你)的(?:邮箱|郵箱|信箱|地址|邮件|電郵)|[帮幫替](?:您|你)(?:注册|註冊|报名|報名|申请|申請|开通|開通)了|候[补補]名[单單]",
    r"(?:あなた|お客様)の(?:メール)?アドレスを(?:入力|登録|教え)|があなたを(?:登録|追加)|(?:ウェイティング|順番待ち)リスト|キャンセル待ち",
    r"(?:님이|친구가|분이)[^.!?\n]{0,12}(?:이 주소를|이메일을|주소를) ?(?:입력|적어|알려)|당신을 (?:등록|추가)|대기자 ?명단",
)
"""Somebody else gave the address, or it only stands on a list: nothing was opened by the reader."""

PLACE = _any(
    r"\b(?:lockers?|gate|doors?|entrance|counter|till|cashier|front desk|reception|pick(?:ing)?[ -]?up|collect(?:ion)?|parcel|kiosk|turnstile|key ?safe|key ?box|ushers?|wi-?fi|audio ?guide|queue|box office|stall|cloakroom|in store|at the venue)\b",
    r"\b(?:schließfach|fach|tür|tor|eingang|theke|kasse|schalter|einlass|paket(?:station)?|automat|schlüsselbox|wlan|garderobe|filiale|warteschlange)\b|\babhol",
    r"\b(?:casier|porte|portail|entrée|comptoir|caisse|guichet|colis|borne|wi-?fi|accueil|vestiaire|consigne|magasin)\b|\bretir(?:er|ez)\b",
    r"\b(?:taquilla|puerta|mostrador|ventanilla|paquete|wifi|guardarropa|recepción|cola|quiosco|tienda)\b|\brecog",
    r"\b(?:cacifo|armário|porta|portão|balcão|encomenda|guichê|bengaleiro|recepção|receção|fila|loja)\b|\bretirad|\blevantamento|\blevantar\b",
    r"\bдвер[ьи]|\bстойк|\bкасс[аеуы]\b|\bпостамат|\bячейк|\bпосылк|\bшлагбаум|\bкалитк|\bдомофон|\bгардероб|\bочеред|\bна входе|\bвай-?фай",
    r"[柜櫃](?:子|台|號|号|中|内|內|机|機)?|门口|門口|门禁|門禁|入口|前台|櫃檯|收银|收銀|取件|取货|取貨|取餐|自助机|現場|现场|出示|排队|排隊|叫号|叫號|店员|店員",
    r"窓口|受付|入口|ロッカー|カウンター|店頭|ドア|玄関|レジ|お受け取り|受け取り|入場|順番|会場",
    r"입구|현관|카운터|사물함|계산대|매장|수령|현장|창구|보관함|대기|출입문|직원에게",
)
"""Where a code is shown, said or keyed in that signs nobody in anywhere."""

REQUESTED = _any(
    r"\b(?:as|like) (?:you )?(?:asked|requested|wished|instructed)\b|\b(?:at|per|following|on) your (?:own )?request|\byou asked (?:us )?to\b",
    r"\bauf (?:ihren|deinen|eigenen) wunsch|\bwie (?:gewünscht|erbeten|besprochen)|\bihrem wunsch (?:entsprechend|gemäß)|\b(?:ihrer|deiner) bitte",
    r"\b(?:à|suite à|selon|conformément à) (?:votre|ta) demande|\bcomme (?:demandé|souhaité|convenu)",
    r"\b(?:a petición|como (?:nos )?(?:pediste|pidió|solicitaste|solicitó)|según (?:tu|su) (?:petición|solicitud)|a solicitud)",
    r"\b(?:a|ao|conforme|atendendo a[o]?) (?:seu|teu|o seu) pedido|\bcomo (?:pediu|pediste|solicitou|solicitado)|\bconforme solicitado",
    r"\bпо ваш(?:ему|ей) (?:запросу|просьбе|желанию|заявлению)|\bкак вы (?:просили|и просили)",
    r"(?:按|依|根据|根據|应|應)(?:照)?(?:您|你)的?(?:申请|申請|要求|请求|請求|意愿|意願|指示)",
    r"(?:ご依頼|ご要望|ご希望|お申し出|お申し込み|ご申請)(?:により|どおり|通り|に従い|に基づき|いただきました)",
    r"(?:요청|신청)(?:에 따라|하신 대로|하신대로|대로)",
)
"""Says that it was done because the reader asked for it."""

NEXT_TIME = _any(
    r"\bnext time\b|\bin (?:the )?future\b|\bfuture (?:orders|purchases)|\bwant (?:to|your)\b",
    r"\bbeim nächsten\b|\bnächstes mal|\bkünftig\w*|\bin zukunft|\bzukünftig",
    r"\bla prochaine fois|\bprochain(?:e|s)? (?:achat|commande)|\bà l['’]avenir|\benvie de",
    r"\b(?:la )?próxima (?:vez|compra)|\bpróximos? pedidos?|\ben el futuro",
    r"\b(?:na|da) próxima|\bpróxim[ao]s? (?:compra|pedido|vez)|\bno futuro",
    r"\bв следующий раз|\bв будущем|\bследующ\w+ (?:заказ|покупк)\w*",
    r"下次|下回|以后购物|日後購物|次回(?:から|以降|の(?:ご注文|お買い物))|次の(?:ご注文|お買い物)|다음(?:에는|부터|번|\s?주문)",
)
"""What the reader could do another time: an account that would be made then."""

RENEWS = _any(
    r"\b(?:cancel|manage) (?:any ?time|or cancel|your (?:plan|subscription)|it under|under)|\b(?:subscription|membership|plan|premium) (?:has been |was )?(?:renew|continu)\w*|\bnext (?:charge|billing|payment) (?:date|on|is)",
    r"\b(?:kündigen|kündbar|verwalten)\b[^.!?\n]{0,30}\b(?:konto|jederzeit|abo|einstellungen)|\b(?:monats|jahres)abo\b|\bnächste abbuchung",
    r"\b(?:résili|gér)\w+[^.!?\n]{0,30}\b(?:tout moment|abonnement|espace|compte)|\babonnement (?:renouvelé|prolongé)|\bprochain prélèvement",
    r"\b(?:gestiona|cancela|administra)r?\b[^.!?\n]{0,30}\b(?:plan|suscripción|cuenta|cuando quieras)|\bpróximo cobro|\bsuscripción (?:renovada|se ha renovado)",
    r"\b(?:gerencie|cancele|faça a gestão)\b[^.!?\n]{0,30}\b(?:plano|assinatura|conta|quando quiser)|\bpróxima cobrança|\bassinatura (?:renovada|foi renovada)",
    r"\bавтопродлен|\bподписк\w+ (?:продлен|оформлен|активн)\w*|\bследующ\w+ (?:списани|плат[её]ж)|\bуправлять подпиской|\bв настройках (?:аккаунта|профиля|учётной|учетной)",
    r"自动续(?:费|订)|自動續(?:費|訂)|自动扣费|续费成功|續費成功|(?:取消|管理)(?:订阅|訂閱|续费|續費|自动)",
    r"自動更新|次回(?:の)?(?:ご請求|お支払い|更新)|(?:解約|プラン変更)(?:は|の)[^。\n]{0,16}(?:設定|マイページ|アカウント)",
    r"자동 ?(?:결제|갱신|연장)|다음 결제|이용권 ?관리|정기 ?결제|구독 ?관리",
)
"""A payment that repeats, which is managed in an account."""
