"""What a sentence says about having an account: that there is none, that one was a guest, that one is invited, that one may ignore it.

Short patterns for each language, searched in subjects and opened messages only. All are linear: no pattern repeats a repetition, and every gap is bounded.
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


NO_ACCOUNT = _any(
    # en
    r"\b(?:no|not) (?:[\w-]{1,30} ){0,3}(?:account|profile|user|membership|record|login)s?\b[^.!?\n]{0,40}\b(?:uses?|use|match\w*|found|exists?|with|for|associated|registered|linked|under|of|was created|has been created)\b",
    r"\b(?:couldn.?t|could not|can.?t|cannot|unable to|didn.?t|did not|don.?t|do not) (?:find|locate|have|recogni[sz]e)[^.!?\n]{0,40}\b(?:account|address|profile|user|e-?mail|record)",
    r"\b(?:isn.?t|is not|not|aren.?t|wasn.?t|never) (?:yet |been )?(?:registered|associated|linked|known to us|on file|in our (?:system|records|database))",
    r"\b(?:nobody|no one|no member|no customer|none of our)\b[^.!?\n]{0,40}\b(?:registered|address|e-?mail|account)",
    r"\b(?:account|user|address|e-?mail)s? (?:was |were |could |is )?(?:not|n.t) (?:be )?(?:found|exist|known|recogni[sz]ed|registered)|\bdoes(?:n.t| not) (?:exist|belong to (?:an|any) account)|\bunknown (?:account|e-?mail|address|user)\b|\bno such (?:account|user|address)",
    # de
    r"\bkein(?:e|en|em|er)? (?:\w{1,30}[ -]){0,3}\w*(?:konto|konten|kundenkonto|benutzer|nutzer|profil|mitglied|zugang|kunde|eintrag|registrierung)\b(?! nötig| erforderlich)",
    r"\bnicht (?:bei uns )?(?:registriert|bekannt|hinterlegt|gefunden|angemeldet|vergeben)\b|\bunbekannte (?:e-?mail-?)?adresse|\bunbekannte[sr]? (?:konto|benutzer)|\bexistiert (?:bei uns )?(?:nicht|kein)|\bkonnten? (?:\w{1,30} ){0,5}(?:nicht (?:finden|zuordnen)|kein)|\b(?:adresse|konto) unbekannt",
    # fr
    r"\baucun(?:e)? (?:\w{1,30} ){0,2}(?:compte|profil|utilisateur|client|espace|adhérent|membre|abonné|inscription|trace|identifiant)|\bpas (?:de|d['’])\s?(?:compte|profil|espace)|\b(?:compte|adresse|utilisateur)s? (?:e-?mail |électronique )?(?:inconnue?|introuvable|non reconnue?)\b",
    r"\b(?:n['’]est|n['’]a|ne figure|ne correspond|n['’]existe|ne connai\w+|ne trouv\w+|n['’]avons)[^.!?\n]{0,30}\b(?:pas|aucun|à aucun)\b[^.!?\n]{0,40}(?:compte|associ|enregistr|inscri|fichier|base|trouv|client|reconnu|adresse|connu)|\bne (?:\w{1,30} ){0,2}figure (?:pas|nulle part)",
    # es
    r"\b(?:no|ning[uú]na?) (?:\w{1,30} ){0,4}(?:cuenta|usuario|registro|perfil|cliente|socio)s?\b(?: \w+){0,3} (?:asociad|con |registrad|vinculad|para |a ese|a esta|creada|cread)|\bno (?:existe|hay|encontramos|hemos encontrado|tenemos|consta|figura|aparece|está registrad|se encontr|ha sido encontrad|reconocemos|pertenece)|\b(?:cuenta|dirección|usuario|correo) (?:desconocid|no registrad|inexistente|no encontrad)|\bningun[ao]? (?:cuenta|usuario|cliente|registro)",
    # pt
    r"\bn[ãa]o (?:existe|há|encontr\w+|temos|consta|está (?:registad|cadastrad|associad)|foi encontrad|localizamos|possui|pertence|corresponde|reconhecemos|cadastrad|registad)|\bnenhum(?:a)? (?:\w{1,30} ){0,2}(?:conta|cadastro|utilizador|usuário|registo|cliente|perfil)|\b(?:conta|e-?mail|endereço|utilizador|usuário) (?:desconhecid|não (?:encontrad|cadastrad|registad)|inexistente)",
    # ru
    r"\bне (?:зарегистрирован|найден|существует|привязан|связан|числится|значится|нашли|нашлось|обнаружен|удалось найти|использует)|\b(?:нет|нету) (?:\w{1,30} ){0,3}(?:учётн|учетн|аккаунт|пользовател|кабинет|клиент|профил)|\bникто не|\b(?:учётная запись|учетная запись|аккаунт|пользователь|адрес)\w* не\b|\bнеизвестн\w+ (?:аккаунт|учетн|учётн|адрес|пользов)|\bни (?:одн\w+|к одн\w+) (?:\w{1,30} )?(?:аккаунт|учетн|учётн|профил)",
    # zh
    r"(?:没有|沒有|未|尚未|并未|並未|无|無|查无|查無|找不到|不存在|未能找到|没找到|沒找到|未曾|从未|從未|并没有|並沒有)[^，。！？,.!?\n]{0,14}(?:注册|註冊|账号|账户|帐号|帐户|帳號|帳戶|会员|會員|用户|用戶|使用者|登记|登記|绑定|綁定|關聯|关联|资料|資料|紀錄|记录)(?!码)|(?:账号|账户|帐号|帐户|帳號|帳戶|用户|邮箱|信箱|電郵|使用者|地址)(?:不存在|未注册|未註冊|尚未註冊|尚未注册|未登记|未登記|未找到)|未知的?(?:账户|账号|帳號|帳戶|帐户)",
    # ja
    r"(?:見つかりません|見つからない|登録されて(?:い|お)?(?:りま|ま)せん|登録がございません|登録はございません|登録がありません|登録はありません|存在しません|アカウントが(?:ありません|ございません)|該当する[^。\n]{0,14}(?:ありません|ございません|見つ)|確認できません|未登録(?!の(?:端末|デバイス|機器|ブラウザ|場所|パソコン)))|(?:アカウント|会員|登録)[^。\n]{0,10}(?:なし|見当たりません|ございませんでした|ありませんでした)|不明なアカウント",
    # ko
    r"(?:가입|등록|일치|해당|연결)(?:된|되어|하는|되는|되지|한)?[^.!?\n]{0,16}(?:없습니다|없어요|없음|않았습니다|않습니다|못했습니다|아닙니다|찾을 수)|(?:계정|회원|아이디|가입 정보)[이가을를은는 ]*(?:존재하지|없습니다|없어|찾을 수 없|찾지 못)|(?:미가입|미등록 이메일|알 수 없는 계정)",
)
"""An answer that there is no account for this address (as after a password request), or a remark that none was made."""

GUEST = _any(
    r"\bas (?:a |our )?(?:guest|visitor)\b|\bguest (?:checkout|order|booking|purchase|customer|shopper)|\bwithout (?:an |a |any |creating (?:an )?)?(?:account|registration|registering|signing up|logging in|profile|membership|sign-?in)|\bno (?:\w{1,30} ){0,3}(?:account|registration|login|sign-?up|membership|profile) (?:is |was )?(?:needed|required|necessary)|\bnothing to (?:sign|log) in|\bnot (?:need|required?) (?:to )?(?:an account|register|sign up|sign in)|\b(?:need|needs|have|has|require)n.t (?:\w{1,30} ){0,3}(?:account|to register|to sign)|\bdo(?:es)? not need (?:an account|to (?:register|sign))|\bnon-?member|\bnot a member\b",
    r"\bals gast\b|\bgast(?:bestellung|zugang|buchung|kauf|konto)|\bohne (?:\w{1,30} ){0,2}\w*(?:konto|registrierung|anmeldung|kundenkonto|login|zugang|mitgliedschaft)\b|\bkein(?:e|en)? (?:\w{1,30} ){0,2}(?:konto|kundenkonto|registrierung|anmeldung|zugang)\b[^.!?\n]{0,20}(?:nötig|notwendig|erforderlich|gebraucht)|\bnicht (?:registriert|angemeldet) (?:sein|zu)|\bkauf ohne|\bkassen(?:bon|beleg)",
    r"\b(?:comme|en tant qu['’]?|en) (?:\w{1,30} )?invitée?\b|\bsans (?:\w{1,30} ){0,2}(?:inscription|compte|créer|création|vous inscrire|s['’]inscrire|identifi|adhésion)|\bsans (?:avoir )?(?:créé?r?|ouvert|ouvrir) (?:de |un )?compte|\baucun compte (?:n['’]est )?(?:nécessaire|requis)|\bpas besoin de (?:compte|créer|vous)|\bcommande invité|\bn['’]avez pas de compte|\bachat invité",
    r"\bcomo (?:una? )?invitad[oa]|\bsin (?:\w{1,30} ){0,2}(?:registro|cuenta|registrarse|registrarte|crear|iniciar sesión|alta|darte de alta|darse de alta)\b|\bno (?:hace falta|es necesario|necesitas?|se necesita|se requiere|requiere) (?:\w{1,30} ){0,2}(?:cuenta|registr)|\bcompra (?:de |como )?invitad|\bno se ha creado ninguna cuenta",
    r"\bcomo (?:um[a]? )?(?:convidad[oa]|visitante)|\bsem (?:\w{1,30} ){0,2}(?:cadastro|registo|registro|conta|criar|login|se cadastrar|se registar|inscrição)\b|\bnão (?:é preciso|é necessário|precisa de|precisa|necessita de) (?:\w{1,30} ){0,2}(?:conta|cadastr|regist|criar)|\bcompra (?:de |como )?convidad",
    r"\bбез (?:\w{1,30} )?(?:регистрации|учётной|учетной|аккаунта|входа|личного кабинета|авторизации)|\b(?:как|в качестве) гост|\bгостев\w+ (?:заказ|покупк|доступ)|\bрегистр\w+ не (?:нужна|требуется|обязательна)|\bрегистрироваться не|\bаккаунт не (?:нужен|требуется)|\b(?:не нужно|не требуется|не надо) (?:\w{1,30} )?(?:регистр|аккаунт|заводить)",
    r"(?:以|作为|作為)?(?:访客|訪客|游客|遊客|非会员|非會員|散客)(?:身份|身分|购|購|订|訂|下单|下單|预|預)?|(?:无需|無需|不用|不需|不必|毋须|毋須|免|無須|无须|不需要)(?:先)?(?:注册|註冊|登录|登入|会员|會員|账号|帳號|开通|加入|密码|密碼|建立)|未(?:登录|登入|注册|註冊)(?:状态|狀態)?(?:下单|購買|购买|预订|預訂)",
    r"会員登録(?:なし|をせず|せず|不要|は不要|の必要|は必要)|(?:ゲスト|非会員)(?:購入|予約|注文|と|で|様|の)?|登録(?:なし|の必要はありません|は必要ありません|は不要|不要|せずに)|(?:アカウント|会員登録)(?:は|の)?(?:不要|必要(?:は|が)?(?:ありません|ございません))",
    r"비회원|게스트|(?:회원 ?가입|가입|로그인|계정|등록)(?:이|은|을|없이|하지| 없이)? ?(?:없이|않고|않으셔도|필요 없|필요하지|필요없|하지 않아도|안 하셔도)",
)
"""The business was done without an account."""

INVITED = _any(
    r"\b(?:don.?t|do not|doesn.?t) (?:yet )?have an? (?:[\w-]{1,30} ){0,3}(?:account|profile|login)|\b(?:create|open|make|get|set up|claim|choose|register|sign up)\b[^.!?\n]{0,30}\b(?:free|your own|one|account|login|profile|to (?:view|see|open|join|accept|read))|\binvit(?:ed|es|ing|ation)\b|\bjoin (?:now|us|free|\w+ (?:on|at|and))|\bnot an account\b|\byour friends? (?:\w{1,30} ){0,3}(?:is|are|on|thinks?)|\bnot (?:yet )?(?:a member|signed up|registered)\b|\bthinks you (?:would|might|will|.d)|\b(?:passed on|gave us|entered|suggested) your (?:e-?mail|address|name)",
    r"\b(?:noch kein|kein eigenes) |\b(?:lädt|laden|einlad\w+|eingeladen|lud)\b|\beinladung|\bjetzt (?:kostenlos )?(?:registrieren|anmelden|mitmachen|beitreten)|\b(?:konto|zugang|profil) (?:anlegen|erstellen|eröffnen)|\bselbst registrieren|\bvorgemerkt|\bempfohlen\b|\berst,? wenn sie",
    r"\b(?:vous )?(?:invite|invitée?|convie|propose de rejoindre)\b|\binvitation|\b(?:créez|créer|ouvrez|ouvrir) (?:\w{1,30} ){0,3}(?:compte|profil|espace)|\brejoi(?:ndre|gnez)|\bpas encore (?:de compte|inscrit|membre)|\b(?:a donné|a transmis|nous a donné|a indiqué) votre (?:adresse|nom|e-?mail)|\binscrivez-vous|\bparrain",
    r"\b(?:te|le|lo|la|os) (?:ha )?(?:invitado|invita|recomienda|recomendó)\b|\binvitaci[oó]n|\b(?:crea|cree|crear|abre|abrir|abra) (?:\w{1,30} ){0,3}(?:cuenta|perfil|gratis)|\b(?:únete|unirte|unirse|únase)|\b(?:todavía|aún) no (?:tienes?|tiene|eres|est[aá]s)|\bno tienes? (?:\w{1,30} )?cuenta|\b(?:nos (?:ha )?(?:dado|dio|dejó)|pasó|facilitó) tu (?:correo|dirección|nombre)|\bregístrate|\bregístrese",
    r"\b(?:convidou|convida|convidad[oa]|convite|recomendou|indicou|ofereceu)\b|\b(?:crie|criar|abra|abrir) (?:\w{1,30} ){0,3}(?:conta|perfil|gratuita)|\b(?:junte-se|participe)|\bainda não (?:tem|é|está|possui)|\bnão tem (?:\w{1,30} )?conta|\bcadastre-se|\bregiste-se|\binscreva-se",
    r"\b(?:приглаша\w+|приглас\w+|приглашен\w+|зовёт|зовет|позвал\w*|порекомендовал\w*)\b|\b(?:создайте|заведите|откройте|зарегистрируйтесь|зарегистрируйся|присоединяйтесь|присоединиться|вступайте)\b|\bещё нет|\bеще нет|\bпока нет (?:аккаунт|учёт|учет)|\b(?:оставил\w*|указал\w*|передал\w*|дал\w*) (?:нам )?ваш (?:адрес|e-?mail|имя)",
    r"邀请|邀請|(?:还没有|還沒有|尚无|尚無|还未|還未|尚未)[^。，！\n]{0,8}(?:账号|帐号|帳號|账户|帳戶|注册|註冊|会员|會員|加入)|(?:免费|免費|立即|马上|馬上|点击|點擊)(?:注册|註冊|加入|开通|開通)|推荐(?:了)?(?:你|您)|推薦(?:了)?(?:你|您)|(?:注册|註冊|加入)后即可|(?:註冊|加入)後即可",
    r"招待|(?:まだ|お持ちで(?:ない|なければ))[^。\n]{0,12}(?:アカウント|登録|会員)|アカウントを(?:お持ちで(?:ない|なければ)|作成(?:する|して|すると|いただ))|(?:無料|新規|今すぐ)(?:で)?(?:会員)?登録|(?:参加|登録)(?:しませんか|してみませんか)|さんから(?:の)?(?:ご)?紹介|ご紹介(?:で|により)",
    r"초대|(?:아직|계정이|회원이) ?(?:[가-힣]{1,20} ){0,3}(?:없으|아니|않으|가입하지)|(?:무료로?|지금|바로) ?가입|가입(?:하시면|하면|하고|해 보세요|하세요)|추천(?:했|하셨|으로|하여)|계정을 (?:만드|만들)",
)
"""The person is asked to make an account, or somebody else gave the address."""

CLOSED = _any(
    r"\b(?:account|profile|membership|registration)\b[^.!?\n]{0,40}\b(?:(?:has|have|is|was|are|were|been|now) (?:been |now )?(?:permanently |successfully )?(?:deleted|closed|removed|erased|cancelled|canceled|terminated|deactivated)|no longer exists?|is gone)\b|\b(?:deleted|closed|erased|removed|terminated|cancelled|canceled) your (?:[\w-]{1,30} ){0,3}(?:account|profile|membership)|\b(?:closed|deleted|erased) the account",
    r"\b\w*(?:konto|zugang|profil|mitgliedschaft)\b[^.!?\n]{0,50}\b(?:gelöscht|geschlossen|aufgelöst|beendet|entfernt|stillgelegt)\b|\b(?:gelöscht|geschlossen|aufgelöst|beendet) (?:haben wir )?(?:\w{1,30} ){0,3}\w*(?:konto|zugang|profil)",
    r"\b(?:compte|profil|espace|adhésion)\b[^.!?\n]{0,50}\b(?:supprimée?s?|clôturée?s?|fermée?s?|effacée?s?|résiliée?s?|désactivée?)\b|\bsupprimé (?:définitivement )?votre (?:compte|profil)|\b(?:avons|a bien) (?:\w{1,30} ){0,2}(?:supprimé|clôturé|fermé|effacé)[^.!?\n]{0,30}(?:compte|profil)",
    r"\b(?:cuenta|perfil|usuario)\b[^.!?\n]{0,50}\b(?:eliminad[oa]|cerrad[oa]|borrad[oa]|cancelad[oa]|suprimid[oa]|dad[oa] de baja)\b|\b(?:hemos )?(?:eliminado|borrado|cerrado|cancelado)[^.!?\n]{0,20} (?:tu|su) (?:cuenta|perfil)|\bbaja (?:\w{1,30} ){0,3}(?:completad|tramitad|confirmad|realizad|efectiva)",
    r"\b(?:conta|perfil|cadastro|registo)\b[^.!?\n]{0,50}\b(?:exclu[ií]d[oa]|eliminad[oa]|encerrad[oa]|apagad[oa]|cancelad[oa]|removid[oa]|fechad[oa])\b|\b(?:excluímos|eliminámos|eliminamos|apagámos|apagamos|encerrámos|encerramos|cancelámos)[^.!?\n]{0,20}(?:conta|perfil|cadastro|registo|dados)",
    r"\b(?:аккаунт|учётн\w+ запис\w+|учетн\w+ запис\w+|профил\w+|кабинет|страниц\w+)\b[^.!?\n]{0,50}\b(?:удал[её]н\w*|закрыт\w*|стёрт\w*|ликвидирован\w*|деактивирован\w*)|\b(?:удалили|закрыли|стёрли) (?:\w{1,30} ){0,3}(?:аккаунт|учётн|учетн|профил|кабинет)",
    r"(?:账号|账户|帐号|帐户|帳號|帳戶|通行证|通行證|会员|會員|資料|资料|用户)[^。！？\n]{0,24}(?:已|全数|全數|永久|成功|被)(?:经|經)?(?:永久|成功|全部|彻底|徹底|被)?(?:注销|註銷|删除|刪除|关闭|關閉|销户|銷戶|清除|终止|終止)|(?:注销|註銷|销户|銷戶|删除|刪除|退会|退會)(?:申请|申請|手续|手續|流程)?(?:已|成功|完成|通过|通過|办妥|辦妥|生效)",
    r"(?:退会|解約|アカウント(?:の)?削除|会員登録の(?:抹消|削除|解除))(?:の)?(?:お?手続き|処理)?(?:が|を|は)?(?:完了|承り|受け付け|済|いたしました|しました|されました)|(?:アカウント|会員情報|会員登録|登録情報|データ)[^。\n]{0,16}(?:削除|抹消)(?:いたしました|しました|されました|済)",
    r"(?:탈퇴|해지)(?:가|를|되|처리|하셨|신청|절차| )[^.!?\n]{0,12}(?:완료|처리|되었|됐|하였|했)|(?:계정|회원 ?정보|아이디)[^.!?\n]{0,16}(?:삭제|폐쇄|해지)(?:되었|됐|하였|했|완료|처리)",
)
"""A sentence that says: the account is gone."""

AD = _any(
    r"unsubscri|opt[ -]?out|no more of (?:this|these)|stop (?:these|getting|receiving)|leave (?:the|this) list|you (?:get|receive|are receiving|got|are getting) this (?:\w{1,30} )?(?:because|as|since)|manage (?:your )?(?:preferences|subscription)|marketing (?:message|e-?mail)|view (?:this|it|in) (?:\w{1,30} )?browser|terms (?:and conditions )?apply",
    r"abbestell|abmelden\b(?=[^.\n]{0,40}(?:newsletter|hier|https|\]|$))|keine (?:post|werbung|e-?mails|nachrichten) mehr|diese werbung|newsletter|abmeldung vom|austragen",
    r"désabonn|se désinscrire|désinscription|ne plus recevoir|plus rien recevoir|vous recevez ce(?:t|tte)? (?:e-?mail|courriel|message|lettre)|reçu car vous",
    r"date de baja|darse? de baja|darte de baja|cancelar (?:la |tu )?suscripción|no quieres (?:recibir )?más|dejar de recibir|responde baja|recibes este|te escribimos porque|baja:",
    r"cancel(?:e|ar) (?:aqui|a (?:sua )?(?:subscrição|inscrição|assinatura))|descadastr|não quer (?:mais )?receber|deixar de receber|para sair da lista|anular (?:a )?subscrição|recebe(?:u)? este|sair da lista|remover (?:o )?(?:seu )?e-?mail da lista",
    r"отписа|отказаться от рассыл|отказ от рассыл|вы получили (?:это )?письмо, (?:потому|так как)|больше не получать|не хотите получать|рассылк",
    r"退订|退訂|取消订阅|取消訂閱|拒收|不想再收|不愿再收|不願再收|不再接收|回复td|推广邮件|推廣電郵|广告邮件|电子报|電子報",
    r"配信停止|配信解除|配信を(?:停止|希望されない)|メルマガ|メールマガジン|購読解除|不要の方は|今後(?:この)?(?:メール|配信)[^。\n]{0,10}(?:不要|希望され)",
    r"수신 ?거부|수신을 원(?:치|하지)|구독 ?(?:취소|해지)|그만 받|광고성|더 이상 받고 싶지|수신 ?동의",
)
"""The footer of mail that is sent to many."""

DISCLAIMER = _any(
    r"\bif (?:you|this|it|that|nobody|someone)[^.!?\n]{0,40}\b(?:not|n.t|never|wasn|weren)\b|\bdid(?:n.t| not) (?:request|ask|start|sign|register|create|make|try|expect|do|change|set|you)|\bnot you\?|\bwasn.?t (?:you|me)|\bnot yours\?|\bignore (?:this|the)|\bno action|\bsafely (?:ignore|delete)|\bif nobody|\bunless you",
    r"\b(?:wenn|falls|sofern) (?:sie|du)\b[^.!?\n]{0,60}\b(?:nicht|kein\w*)|\b(?:nicht|kein\w*)\b[^.!?\n]{0,40}\?|\bignorieren|\bwar(?:en|st)? (?:sie|du) (?:das )?nicht|\bnichts (?:weiter )?zu (?:tun|unternehmen)|\bohne bestätigung",
    r"\bsi (?:vous n|ce n|tu n|cette|aucune)[^.!?\n]{0,60}|\bce n['’]était pas|\bvous n['’](?:avez rien|êtes pas)[^.!?\n]{0,40}\?|\bignorez|\bne tenez pas compte",
    r"\bsi (?:no|tú no|usted no|nadie)\b|\b(?:no has sido|no fuiste|no eres|no la reconoces|no lo reconoces)|\bignora|\bno hagas caso|¿no ",
    r"\bse (?:não|nao)\b|\bcaso (?:não|nao)\b|\bnão foi você|\bpode ignorar|\bignore (?:este|esta)|\bnão (?:fez|pediu|solicitou|reconhece)",
    r"\bесли (?:\w{1,30} ){0,3}не\b|\bне вы\b|\bне регистрировались|\bпроигнорируйте|\bникому не|\bне (?:запрашивали|отправляли)",
    r"如非|若非|如果(?:不是|您没有|您沒有|并非|並非|您未)|若您(?:没有|沒有|未|不)|不是您|非本人|请忽略|請忽略|请勿|切勿|没有申请|沒有申請|未(?:申请|申請)",
    r"心当たり(?:の|が|は)?(?:ない|なければ)|覚えの?ない|覚えがない|ご自身の操作でない|お客様(?:ご自身)?でない|破棄|無視して",
    r"(?:요청|신청|가입|본인|변경)[^.!?\n]{0,12}(?:않으셨다면|않았다면|아니(?:면|라면|시면|신)|적이 없)|무시(?:하|해)",
)
"""A sentence for whoever did not ask: what it denies says nothing about the person."""

CHANGING = _any(
    r"\bnew (?:[\w-]{1,30} ){0,2}(?:e-?mail|address|contact|mailbox)|\b(?:replace|chang\w+|updat\w+|switch\w*)\b[^.!?\n]{0,60}\b(?:e-?mail|address|contact|mailbox)\b|\b(?:e-?mail|address|contact)\b[^.!?\n]{0,50}\b(?:replac\w+|chang\w+|updat\w+|added|moved)\b|\badd(?:ed|ing)? (?:this|the|an?|your|another) (?:[\w-]{1,30} ){0,2}(?:e-?mail|address)|\bexisting account|\bold address|\byour (?:[\w-]{1,30} ){0,2}(?:profile|account) (?:should|will) (?:use|have)",
    r"\b(?:änder\w*|\w*änderung|künftig|bisherige\w*|wechsel\w*|ersetz\w*|hinterleg\w*|umstell\w*)\b[^.!?\n]{0,60}(?:adresse|mail|postfach)|(?:adresse|mail)\w*[^.!?\n]{0,50}\b(?:änder\w*|geändert|ersetz\w*|hinterlegt|wechsel\w*|umgestellt)|\bneue[nrs]? (?:[\w]{1,30}[ -]){0,2}(?:adresse|e-?mail|mail|postfach)|\bbleibt (?:alles )?beim alten|\bzum benutzer",
    r"\b(?:changement|changer|modifi\w+|remplac\w+|ancienne|actuelle)\b[^.!?\n]{0,60}(?:adresse|courriel|e-?mail)|(?:adresse|courriel|e-?mail)[^.!?\n]{0,50}\b(?:chang\w+|modifi\w+|remplac\w+)|\bce changement|\bêtre contactée? à|\bnouvelle adresse",
    r"\bnuev[ao] (?:\w{1,30} ){0,2}(?:correo|dirección|e-?mail)|\b(?:cambi\w+|modific\w+|sustitu\w+|actualiz\w+|anterior|reemplaz\w+)\b[^.!?\n]{0,60}(?:correo|dirección|e-?mail)|(?:correo|dirección|e-?mail)[^.!?\n]{0,50}\b(?:cambi\w+|modific\w+|sustitu\w+|nuev[oa])|\bha solicitado recibir|\brecibir avisos en",
    r"\bnov[oa] (?:\w{1,30} ){0,2}(?:e-?mail|endereço|correio)|\b(?:alter\w+|mud\w+|troc\w+|substitu\w+|anterior|atualiz\w+)\b[^.!?\n]{0,60}(?:e-?mail|endereço|correio)|(?:e-?mail|endereço|correio)[^.!?\n]{0,50}\b(?:alter\w+|mud\w+|troc\w+|substitu\w+|nov[oa])|\bpara que passe a receber|\bfoi indicado o endereço",
    r"\bнов\w+ (?:\w{1,30} ){0,2}(?:адрес|почт|e-?mail|ящик)|\b(?:измен\w+|смен\w+|замен\w+|прежн\w+|старый|поменя\w+)\b[^.!?\n]{0,60}(?:адрес|почт|e-?mail|ящик)|(?:адрес|почт|e-?mail)\w*[^.!?\n]{0,50}\b(?:измен\w+|смен\w+|замен\w+|поменя\w+)|подтвердить замен|указан адрес",
    r"(?:变更|變更|修改|更换|更換|更改|换成|換成|改为|改為|新的?(?=邮|郵|信箱|电|電)|原|旧|舊|换绑|換綁|改成)[^。！？\n]{0,14}(?:邮箱|郵箱|信箱|电子邮件|電子郵件|电邮|電郵|邮件地址)|(?:邮箱|郵箱|信箱|电子邮件|電子郵件|电邮|電郵)[^。！？\n]{0,14}(?:变更|變更|修改|更换|更換|更改|换成|換成|改为|改為|改成|绑定|綁定)",
    r"(?:変更|新しい(?=.{0,6}(?:メール|アドレス|連絡先))|切り替え|追加)[^。\n]{0,20}(?:メール|アドレス|連絡先)|(?:メール|アドレス|連絡先)[^。\n]{0,24}(?:変更|切り替え|更新|追加)",
    r"(?:변경|새(?:로운)? ?(?=이메일|메일|주소|연락처)|바꾸|교체|기존|추가)[^.!?\n]{0,20}(?:이메일|메일|주소|연락처)|(?:이메일|메일|주소|연락처)[^.!?\n]{0,24}(?:변경|바꾸|바뀌|교체|추가)",
)
"""An address is being changed or added: only somebody who has an account does that."""

OWN_CONTENT = _any(
    r"\b(?:replied|reply|replies|commented|comment|comments|answered|responded|liked|reacted|posted|voted|new post)\b[^\n]{0,50}\b(?:you|your|watch|follow|subscribed)|\b(?:you|your)\b[^\n]{0,40}\b(?:thread|topic|post|question|answer|comment|photo|issue|repository|follow|watch)|\b(?:following|follows|followed|mentioned|tagged|messaged|thanked|assigned|endorsed) (?:you|@)|\b(?:watch|follow|subscribed to) (?:this|a|the) (?:\w{1,30} )?(?:topic|thread|discussion|page|issue|question)|\bnew (?:follower|private message|direct message|connection|friend request)|\btopic reply|\byou are (?:getting|receiving) this because you|\btopic you watch|\bnow follows @|\bstarted following you",
    r"\b(?:geantwortet|kommentiert|antwort auf|kommentar zu|gefällt|reagiert)\b[^\n]{0,60}\b(?:ihr\w*|dein\w*|sie|du|dir)\b|\b(?:ihr\w*|dein\w*)\b[^\n]{0,30}\b(?:beitrag|thema|frage|kommentar|foto|antwort|bild|anzeige)|\bfolgt (?:dir|ihnen|jetzt)|\bhat (?:dich|sie) (?:erwähnt|markiert)|\bneue (?:private )?nachricht|\bneuer (?:follower|kommentar|beitrag)",
    r"\b(?:répondu|commenté|aimé|réagi|réponse|commentaire)\b[^\n]{0,60}\b(?:votre|vos|vous|ton|ta|tes|te)\b|\b(?:votre|ton|ta|vos)\b[^\n]{0,30}\b(?:sujet|message|publication|question|commentaire|photo|annonce|discussion|critique)|\b(?:vous|te) suit\b|\babonnée? à vous|\bvous a mentionn|\bnouve(?:au|l) (?:abonné|commentaire|message privé)|\bsuit désormais",
    r"\b(?:respondi[oó]|respondido|coment[oó]|comentado|le gust[oaó]|respuesta|comentario)\b[^\n]{0,60}\b(?:tu|tus|su|te|ti)\b|\b(?:tu|su|tus)\b[^\n]{0,30}\b(?:tema|hilo|publicación|mensaje|pregunta|comentario|foto|anuncio|reseña|receta)|\bte (?:sigue|mencion|etiquet)|\bahora (?:te )?sigue|\bnuevo (?:seguidor|comentario|mensaje privado)|\bempezó a seguirte",
    r"\b(?:respondeu|comentou|gostou|curtiu|reagiu|resposta|comentário)\b[^\n]{0,60}\b(?:seu|sua|teu|tua|você|te|o seu|a sua|si)\b|\b(?:seu|sua|teu|tua)\b[^\n]{0,30}\b(?:tópico|publicação|mensagem|pergunta|comentário|foto|anúncio|receita)|\b(?:segue você|começou a seguir|está a seguir|mencionou você|mencionou-|passou a seguir)|\bnov[oa] (?:seguidor|comentário|mensagem privada)",
    r"\b(?:ответил\w*|прокомментировал\w*|оценил\w*|понравил\w+|ответ|комментари\w+)\b[^\n]{0,60}\b(?:ваш\w*|вас|вам|твой|твою|тебе)\b|\b(?:ваш\w*|твой|твою)\b[^\n]{0,30}\b(?:тем\w|пост\w*|сообщени\w+|вопрос\w*|комментари\w+|фото\w*|отзыв\w*|рецепт\w*|объявлени\w+)|\bподписал\w* на вас|\bупомянул\w* вас|\bнов\w+ (?:подписчик|комментарий|личное сообщение)",
    r"(?:回复|回覆|回應|回应|评论|評論|留言|点赞|點讚|按讚|赞|讚|关注|追蹤|收藏|提到|转发|回答|@)了?(?:[^。！\n]{0,6})(?:您|你)|(?:您|你)(?:的|发表的|發表的|关注的|關注的|追蹤的|发布的|發佈的)[^。！\n]{0,14}(?:帖子|主题|主題|贴子|文章|问题|問題|评论|評論|留言|动态|動態|作品|回答|照片|贴|討論|讨论)|新(?:粉丝|粉絲|的私信|私信|回复|回覆|评论|評論|关注者)",
    r"(?:あなた|お客様|様)の[^。\n]{0,16}(?:投稿|トピック|質問|コメント|写真|記事|回答|スレッド|レシピ|作品)|(?:返信|コメント|回答|いいね)[^。\n]{0,8}(?:がつき|が届き|がありました|しました|が付き|されました)|フォロー(?:され|しました|を開始)|メンション|新(?:しい|着)(?:の)?(?:フォロワー|コメント|返信|メッセージ)",
    r"(?:회원님|내|님|당신)[의이을를]?[^.!?\n]{0,16}(?:글|게시물|질문|댓글|사진|주제|레시피|작품|답변|팔로우)|(?:답글|댓글|답변|좋아요)[^.!?\n]{0,10}(?:달렸|남겼|등록|눌렀|달았|달림)|팔로우(?:하기|했|를)|언급했|새(?:로운)? (?:팔로워|댓글|쪽지|메시지|답글)",
)
"""Something happened to what the person wrote or follows on the service."""

ACCOUNT_SEEN = _any(
    r"\b(?:your|my|the|customer|online|user) (?:[\w'-]{1,30} ){0,3}(?:account|profile|dashboard|subscription|login|username|wallet)s?\b|\b(?:sign|log)(?:ging|ged|ed)? ?-?in\b|\b(?:my|your|under|in) (?:past |recent )?(?:orders|purchases|stays|trips|bookings|tickets|reservations|library|rides)\b|\b(?:points|miles|rewards|credits?)\b[^.\n]{0,25}\b(?:earned|added|balance|collected|account)|\bmember (?:number|id|no|since)|\bmembership\b|\b(?:earned|collected|credited|added) [^.\n]{0,20}\b(?:points|miles|stars)|\b(?:billing|account) settings|\busername\b|\bloyalty\b|\bloans?\b.{0,20}\b(?:account|card)|\b(?:saved|stored) (?:card|in your)|\bautomatic(?:ally)? renew|\bnext renewal|\brenews? on",
    r"\b\w*(?:kundenkonto|benutzerkonto|nutzerkonto|kundenportal|kundenbereich|mitgliedsbereich)\b|\b(?:ihr|dein|mein|ihrem|deinem|ihres)\w* (?:\w{1,30}[ -]){0,2}(?:konto|profil|zugang|abo|mitgliedskonto|bereich|login)\b|\bmein[e]? (?:bestellungen|buchungen|reisen|aufträge|einkäufe)|\banmelden\b|\beinloggen\b|\bbenutzername|\b(?:punkte|meilen|sterne)\b[^.\n]{0,25}(?:gutgeschrieben|gesammelt|konto)|\b(?:gutgeschrieben|gesammelt)[^.\n]{0,20}(?:punkte|meilen)|\bkundennummer|\bmitgliedsnummer|\bangemeldet\b",
    r"\b(?:votre|mon|le|du|de votre|dans votre) (?:\w{1,30} ){0,2}(?:compte|profil|espace|abonnement)\b|« ?mon compte ?»|\bespace (?:client|personnel|adhérent|membre|abonné|voyageur)|\b(?:mes|vos) (?:commandes|réservations|achats|billets|voyages|séjours)\b|\bconnectez-vous|\bidentifiant\b|\b(?:points|miles)\b[^.\n]{0,25}(?:crédités|ajoutés|gagnés|cagnott|fidélité)|\bnuméro (?:de )?(?:client|adhérent|membre)|\bcagnotte|\bcarte de fidélité",
    r"\b(?:tu|su|mi|la|en su|en tu) (?:\w{1,30} ){0,2}(?:cuenta|perfil|suscripción|área)\b|\bmis (?:pedidos|reservas|compras|viajes|entradas)\b|\b(?:inicia|iniciar|inicie) sesión|\bárea (?:de cliente|personal|privada)|\boficina virtual|\bnombre de usuario|\b(?:puntos|millas)\b[^.\n]{0,25}(?:sumad|abonad|acumulad|añadid)|\b(?:sumado|acumulado|ganado|sumas) [^.\n]{0,12}(?:puntos|millas)|\bnúmero de (?:cliente|socio)|\b(?:usuario|socio)\b",
    r"\b(?:sua|a sua|minha|tua|na sua) (?:\w{1,30} ){0,2}(?:conta|área|assinatura|carteira)\b|\bseu perfil|\bminha conta|\b(?:meus|as suas|os seus|minhas) (?:pedidos|compras|reservas|encomendas|viagens|bilhetes|ingressos)\b|\bárea (?:de|do) cliente|\b(?:inicie sessão|faça login|entre na sua)|\b(?:pontos|milhas)\b[^.\n]{0,25}(?:creditad|acumulad|somad|adicionad)|\b(?:ganhou|acumulou|somou) [^.\n]{0,12}(?:pontos|milhas)|\bagência online|\bmatrícula|\bnúmero de (?:cliente|sócio)|\bperfil\b",
    r"\bличн\w+ кабинет|\b(?:ваш\w*|мой|моём|моем|вашем) (?:\w{1,30} ){0,2}(?:аккаунт\w*|профил\w*|учётн\w+|учетн\w+|подписк\w+)|\bмои (?:заказы|покупки|поездки|брони|билеты)|\bвойдите|\bлогин\b|\b(?:балл\w*|бонус\w*|мил[ьи]\w*)\b[^.\n]{0,25}(?:начислен\w*|зачислен\w*|накоплен\w*)|\b(?:начислен\w*|начислили)[^.\n]{0,20}(?:балл|бонус|мил)|\bв (?:профиле|аккаунте|приложении)\b|\bкарт\w+ (?:участника|лояльности)|\bпрофил\w+",
    r"我的(?:订单|訂單|账户|帳戶|行程|购票|購票|预订|預訂|订购|訂購|优惠券|票夹|会员)|(?:您|你)的(?:[^。，\n]{0,6})(?:账户|账号|帐户|帐号|帳戶|帳號|会员|會員)|登[录入錄](?:后|後|会员|會員|账|帳|官网|APP|網|查)|(?:请|請)(?:您)?(?:先)?登[录入]|(?:会员|會員|個人|个人|用户|用戶)中心|(?:积分|積分|里程|点数|點數|红利|紅利)[^。\n]{0,10}(?:已|累计|累計|入账|入帳|增加|发放|發放|获得)|(?:累积|累積|获得|獲得|赠送|贈送|新增|累计|累計)[^。\n]{0,8}(?:积分|積分|点|點|里程)|(?:会员|會員)(?:号|號|编号|編號|账号|帳號|卡号|卡號|等级|等級)|账号[:：]|帳號[:：]|用户名",
    r"マイページ|(?:お客様の|ご利用の|あなたの)?アカウント|会員(?:番号|ページ|サイト|専用|様|ID|サービス)|ログイン|(?:注文|購入|予約|利用)履歴|(?:ポイント|マイル)[^。\n]{0,12}(?:付与|加算|獲得|貯ま|進呈|積算)|(?:付与|加算|獲得)[^。\n]{0,8}(?:ポイント|マイル)|(?:ユーザー|ログイン)(?:名|ID)|マイ[ぁ-んァ-ヶ一-龠]{1,6}(?:で|から|に|を|の)",
    r"(?:나의|내|마이) ?(?:주문|페이지|예약|정보|예매|구매|계정|책장|여행)|마이페이지|로그인|(?:고객님|회원님)의? ?(?:계정|아이디)|계정|아이디[:는은 ]|(?:포인트|마일리지|적립금)[^.!?\n]{0,12}(?:적립|지급|쌓)|적립(?:되|된|예정)|회원 ?(?:번호|등급|전용)|회원님",
)
"""A receipt that speaks of the buyer's account."""

MEMBERS = _any(
    r"\b(?:as (?:a|our) |for |our |to |exclusive to |dear |only )?(?:[\w-]{1,30} ){0,2}members?\b|\bmembership\b|\byour (?:account|subscription|profile)|\bsubscribers?\b|\bloyal customers?",
    r"\b(?:als|für|unsere|liebe\w*) (?:\w{1,30}[ -]){0,3}(?:mitglied\w*|stammkund\w*)|\bmitglied(?:er|s)?\b|\bkarteninhaber|\bihr(?:em)? konto|\bdein(?:em)? konto",
    r"\b(?:adhérents?|membres?|abonnés?|sociétaires?|votre compte|clients? fidèles?)\b",
    r"\b(?:soci[oa]s?|miembros?|abonad[oa]s?|tu cuenta|clientes? fieles)\b",
    r"\b(?:sóci[oa]s?|membros?|associad[oa]s?|assinantes?|sua conta|cliente fiel)\b",
    r"\b(?:участник\w*|член\w* клуба|абонент\w*|держател\w+ карт|подписчик\w*|постоянн\w+ (?:клиент|покупател)\w*)",
    r"会员|會員|学员|學員|用户专享|老客户|老顧客",
    r"会員|メンバー|加入者",
    r"회원|멤버|가입자",
)
"""An advertisement for members: probably sent to somebody with an account."""

FORWARDED = re.compile(
    r"\n\s*(?:-{2,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete|message (?:transféré|d['’]origine)|mensaje (?:reenviado|original)|mensagem (?:encaminhada|original|reencaminhada)|пересыла|исходное|原始|转发|轉寄|転送|元の|전달|원본)|begin forwarded)[^\n]{0,60}"
    r"|\n(?:from|von|de|expéditeur|отправитель|от|发件人|寄件者|寄件人|差出人|보낸 ?사람|보낸이)\s?[:：][^\n]{3,200}\n(?:to|sent|date|an|gesendet|datum|à|envoyé|para|enviado|fecha|data|кому|дата|收件人|收件者|日期|发送时间|宛先|日時|送信|받는 ?사람|날짜)\s?[:：]",
    re.IGNORECASE,
)
"""From here on the text is somebody else's mail."""

SCAM = _any(
    r"\bbeneficiary\b|\blottery\b|\bwinning (?:number|account|ticket|e-?mail)|\bnext of kin|\binheritance|\bunclaimed (?:fund|prize)|\bmillion (?:us )?dollars|\b(?:mailbox|inbox|mail|webmail)[^.!?\n]{0,40}\b(?:quota|full|storage limit|exceeded|will be (?:closed|deactivated|suspended))|\byour password[^.!?\n]{0,20}expires? (?:today|in)",
    r"\blotterie|\bpostfach[^.!?\n]{0,30}(?:voll|überschritten)|\bboîte (?:mail|aux lettres)[^.!?\n]{0,30}(?:pleine|saturée)|\bbuzón[^.!?\n]{0,30}(?:lleno|excedid)|\bcaixa (?:de correio|postal|de entrada)[^.!?\n]{0,30}(?:cheia|excedid)|\bпочтовый ящик[^.!?\n]{0,30}(?:переполнен|заполнен)|\bgewonnen\b[^.!?\n]{0,30}(?:euro|€|million)",
    r"(?:信箱|邮箱|郵箱|邮件)[^。！\n]{0,10}(?:容量|空间|空間)[^。！\n]{0,10}(?:满|滿|超|99)|中奖|中獎|メールボックス[^。\n]{0,12}(?:容量|いっぱい)|当選金|메일함[^.\n]{0,10}(?:용량|초과)|당첨금",
)
"""What swindlers write who pretend to be nobody in particular: prizes, inheritances, a full mailbox."""
