"""Kinds by subject and sender: the rules speak of concepts, so one case in each language stands for many."""

from __future__ import annotations

import time

import pytest

from readdress.discovery import kind_of, needs_body
from readdress.discovery.lexicon import BIT, concepts
from readdress.models.inventory import MailKind

K = MailKind
CASES = [
    ("Your password was changed", K.SECURITY),
    ("Reset your password", K.RESET),
    ("New sign-in from Firefox on Linux", K.SECURITY),
    ("Verify your email address", K.VERIFICATION),
    ("Your verification code is 482913", K.CODE),
    ("Your account has been deleted", K.CLOSED),
    ("Invoice for March 2024", K.STATEMENT),
    ("Your order 55-1022 has shipped", K.RECEIPT),
    ("Summer sale: 30% off everything", K.NEWSLETTER),
    ("Ihr Passwort wurde geändert", K.SECURITY),
    ("Passwort zurücksetzen", K.RESET),
    ("Anmeldung von einem neuen Gerät", K.SECURITY),
    ("Bestätigen Sie Ihre E-Mail-Adresse", K.VERIFICATION),
    ("Ihr Kontoauszug für Juli", K.STATEMENT),
    ("Votre mot de passe a été modifié", K.SECURITY),
    ("Réinitialisez votre mot de passe", K.RESET),
    ("Code de vérification : 112 233", K.CODE),
    ("Confirmation de commande n° 4471", K.RECEIPT),
    ("Tu contraseña ha sido cambiada", K.SECURITY),
    ("Confirma tu dirección de correo", K.VERIFICATION),
    ("Sua senha foi alterada", K.SECURITY),
    ("Código de verificação: 9921", K.CODE),
    ("Ваш пароль изменён", K.SECURITY),
    ("Подтвердите адрес почты", K.VERIFICATION),
    ("Код для входа: 4412", K.CODE),
    ("您的密码已修改", K.SECURITY),
    ("请验证您的邮箱地址", K.VERIFICATION),
    ("【某站】登录验证码 883201", K.CODE),
    ("重置密码", K.RESET),
    ("您的帳號已刪除", K.CLOSED),
    ("請重設您的密碼", K.RESET),
    ("パスワードが変更されました", K.SECURITY),
    ("パスワードの再設定", K.RESET),
    ("メールアドレスの確認", K.VERIFICATION),
    ("비밀번호가 변경되었습니다", K.SECURITY),
    ("이메일 주소 인증", K.VERIFICATION),
    ("회원 탈퇴가 완료되었습니다", K.CLOSED),
    ("Password gewijzigd: je wachtwoord is gewijzigd", K.SECURITY),
    ("Zresetuj hasło", K.RESET),
]


@pytest.mark.parametrize(("subject", "kind"), CASES, ids=[case[0] for case in CASES])
def test_a_subject_tells_the_kind(subject: str, kind: MailKind) -> None:
    """The same rules hold in every language, because they see concepts and no words."""
    assert kind_of(subject, sender="noreply@shop.test", name="Shop") is kind


@pytest.mark.parametrize(
    ("sender", "name", "subject", "kind"),
    [
        ("ann.miller@post.example", "Ann Miller", "Your password was changed, you said?", K.PERSONAL),
        ("harper@post.example", "Harper", "Re: Reset your password", K.PERSONAL),
        ("oleg.vetrov@post.example", "Олег Ветров", "Новый пароль", K.PERSONAL),
        ("mailer-daemon@mx.example", "Mail Delivery System", "Welcome to your account", K.OTHER),
        ("orders@shop.test", "Versand Weber", "Willkommen bei Versand Weber: Ihr Konto ist eingerichtet", K.WELCOME),
        ("noreply@shop.test", "Shop Team", "Your password was changed", K.SECURITY),
        ("service@qq.com", "QQ", "您的密码已修改", K.SECURITY),
    ],
)
def test_the_sender_decides_first(sender: str, name: str, subject: str, kind: MailKind) -> None:
    """A friend who writes about an account is a friend; a role address, a brand's own name in the subject and a mail system are seen."""
    assert kind_of(subject, sender=sender, name=name) is kind


def test_needs_body_only_where_the_subject_is_in_doubt() -> None:
    """Few messages have to be opened."""
    assert not needs_body("Your password was changed", sender="noreply@shop.test", name="Shop")
    assert needs_body("About your visit", sender="noreply@shop.test", name="Shop")
    assert not needs_body("dinner?", sender="ann.miller@post.example", name="Ann Miller")


def test_compounds_accents_and_scripts_meet_the_same_concept() -> None:
    """German compounds, decomposed accents, full-width punctuation, two scripts in one word."""
    assert concepts("Passwortänderung") & BIT["PWD"]
    assert concepts("Contrasen\u0303a") & BIT["PWD"] or concepts("Contraseña") & BIT["PWD"]
    assert concepts("用email登录") & BIT["MAIL"] and concepts("用email登录") & BIT["LOGIN"]
    assert not concepts("notwendig unpasswendig") & BIT["CODE"]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 400_000,
        "1" * 400_000,
        "A-" * 200_000,
        "no " * 100_000,
        "\u0301" * 300_000,
        "密码" * 150_000,
        "x@" * 200_000,
        ">" * 300_000,
        "\n" * 300_000,
        "über" * 100_000,
        "no account " * 40_000,
        "1 " * 200_000,
        "Re: " * 100_000,
        "if you not " * 40_000,
        "user.name-" * 40_000,
    ],
    ids=range(15),
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    """Caps come before every pattern, and no pattern is quadratic in what is left."""
    started = time.process_time()
    kind_of(text, sender=f"{text[:500]}@x.test", name=text, body=text)
    kind_of("Your account", sender="noreply@x.test", name="X", body=text)
    assert time.process_time() - started < 2.0
