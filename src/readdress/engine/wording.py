"""The words that pages use, in many languages, for an address that is not confirmed yet and for signing in."""

from __future__ import annotations

# Matched at the beginning of a word, so that "ausstehend" also finds "ausstehende"; anywhere in Chinese, Japanese and Korean.
PENDING: tuple[str, ...] = (
    # English
    "pending", "unverified", "unconfirmed", "unvalidated", "not verified", "not confirmed", "not yet", "not validated", "awaiting",
    "waiting for", "resend", "re-send", "send again", "verify now", "verify email", "verify your", "verify this", "confirm email",
    "confirm your email", "confirm this", "needs verification", "needs confirmation", "needs to be", "must be verified",
    "must be confirmed", "to be verified", "to be confirmed", "requires verification", "verification required", "verification needed",
    "verification pending", "verification sent", "verification email sent", "confirmation sent", "confirmation required",
    "confirmation pending", "requested change", "change requested",
    # Chinese, simplified and traditional
    "未验证", "待验证", "未确认", "待确认", "未激活", "待激活", "验证中", "审核中", "待审核", "等待", "尚未", "重新发送", "重发", "去验证", "立即验证", "未生效", "待生效", "未绑定", "未认证", "待认证",
    "未驗證", "待驗證", "未確認", "待確認", "驗證中", "審核中", "重新傳送", "重新發送", "立即驗證", "未綁定", "未啟用", "未認證",
    # Japanese, Korean
    "未認証", "認証待ち", "確認待ち", "保留中", "再送", "確認されていません", "未承認",
    "미확인", "미인증", "인증 대기", "확인 대기", "대기 중", "대기중", "재전송", "확인되지 않", "인증되지 않",
    # German, Dutch, Swedish, Danish, Norwegian
    "unbestätigt", "nicht bestätigt", "noch nicht", "nicht verifiziert", "nicht überprüft", "ausstehend", "erneut senden", "steht aus",
    "niet geverifieerd", "niet bevestigd", "onbevestigd", "in afwachting", "nog niet", "opnieuw verzenden",
    "obekräftad", "ej verifierad", "inte verifierad", "inte bekräftad", "väntar", "väntande",
    "ikke bekræftet", "ikke bekreftet", "ikke verificeret", "ikke verifisert", "afventer", "venter",
    # French, Spanish, Portuguese, Italian, Romanian
    "non vérifié", "non confirmé", "pas encore", "en attente", "à confirmer", "à vérifier", "renvoyer", "non validé",
    "sin verificar", "sin confirmar", "no verificad", "no confirmad", "pendiente", "aún no", "todavía no", "reenviar", "en espera",
    "não verificad", "não confirmad", "por confirmar", "por verificar", "pendente", "aguardando", "ainda não",
    "non verificat", "non confermat", "in attesa", "da confermare", "da verificare", "non ancora", "in sospeso", "reinvia",
    "neverificat", "neconfirmat", "în așteptare",
    # Russian, Ukrainian, Polish, Czech
    "не подтвержд", "неподтвержд", "не провер", "ожида", "ещё не", "отправить повторно", "отправить ещё раз",
    "не підтвердж", "непідтвердж", "очіку",
    "niezweryfikowan", "niepotwierdzon", "oczekuj", "jeszcze nie", "wyślij ponownie",
    "neověřen", "nepotvrzen", "čeká", "odeslat znovu",
    # Turkish, Vietnamese, Indonesian, Thai, Arabic, Hebrew, Hindi
    "doğrulanmamış", "doğrulanmadı", "onaylanmamış", "onaylanmadı", "beklemede", "bekliyor", "bekleniyor", "yeniden gönder",
    "chưa xác minh", "chưa xác nhận", "đang chờ", "gửi lại",
    "belum diverifikasi", "belum dikonfirmasi", "tertunda", "menunggu", "kirim ulang",
    "ยังไม่ได้ยืนยัน", "รอการยืนยัน",
    "غير مؤكد", "لم يتم التحقق", "قيد الانتظار", "في انتظار", "إعادة إرسال",
    "לא אומת", "ממתין", "שלח שוב",
    "असत्यापित", "लंबित",
)  # fmt: skip

# A line that is exactly one of these (a button, a heading) makes a page a sign-in page, as far as absence is concerned. Case folded.
SIGN_IN: frozenset[str] = frozenset({
    "sign in", "log in", "login", "signin", "sign in to your account", "log in to your account", "sign in to continue", "please sign in",
    "please log in", "sign-in",
    "登录", "登 录", "登陆", "立即登录", "账号登录", "密码登录", "扫码登录", "请登录", "请先登录", "登入", "請登入", "登錄",
    "ログイン", "サインイン", "로그인",
    "anmelden", "einloggen", "inloggen", "aanmelden", "logga in", "log ind", "logg inn",
    "se connecter", "connexion", "s'identifier", "iniciar sesión", "acceder", "entrar", "iniciar sessão", "fazer login", "accedi",
    "autentificare",
    "войти", "вход", "увійти", "вхід", "zaloguj się", "zaloguj", "přihlásit se", "přihlásit", "giriş yap", "oturum aç", "đăng nhập",
    "masuk", "เข้าสู่ระบบ", "تسجيل الدخول", "כניסה", "התחברות", "साइन इन करें",
})  # fmt: skip
