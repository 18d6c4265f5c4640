"""Mails of people: first ones, replies, forwards, and their charsets."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import product

from tests.mail.building import HELLO, Case, attached, html, mail, parts, plain


def first_mails() -> Iterator[Case]:
    sender = {"sender": ("zoe@client.example", "Zoé Vitrail")}
    yield Case("plain", mail(), values=sender | {"subject": "Offer", "new_text": HELLO})
    yield Case(
        "html alone",
        mail("<p>Hello,</p><p>an <b>offer</b>?</p>", Content_Type="text/html"),
        values={"new_text": "Hello,\nan offer?"},
    )
    yield Case(
        "both versions",
        parts(plain(HELLO), html(f"<p>{HELLO}</p>"), kind="alternative"),
        values={"new_text": HELLO, "files": ()},
    )
    yield Case(
        "empty plain version",
        parts(plain(" "), html("<p>Hello</p>"), kind="alternative"),
        values={"new_text": "Hello"},
    )
    for mark in ("-- ", "--"):
        yield Case(
            f"signature {mark!r}",
            mail(f"{HELLO}\n{mark}\nZoé Vitrail\n06 12 34 56 79"),
            values={"new_text": HELLO},
        )
    for line in (
        *("Sent from my iPhone", "Envoyé de mon iPhone", "Get Outlook for Android"),
        *("Télécharger Outlook pour iOS", "Envoyé depuis mon appareil mobile Samsung."),
    ):
        yield Case(f"added line {line}", mail(f"{HELLO}\n\n{line}"), values={"new_text": HELLO})
    for name, value in (
        *(("no", "zoe@client.example"), ("name only", '"Zoé" <zoe@client.example>')),
        *(("capitals", "ZOE@Client.Example"), ("comment", "zoe@client.example (Zoé)")),
        ("comma in the name", '"Vitrail, Zoé" <zoe@client.example>'),
    ):
        sent = mail(sender=value if value.isascii() else value.replace("é", "e"))
        yield Case(f"sender: {name}", sent, values={"sender_address": "zoe@client.example"})
    for name in ("Delivered_To", "X_Original_To", "Envelope_To", "Cc"):
        sent = mail(To="lea@hotel.example", **{name: "sales+token@company.example"})
        yield Case(
            f"blind copy by {name}",
            sent,
            values={"recipients": {"lea@hotel.example", "sales+token@company.example"}},
        )
    yield Case("Auto-Submitted: no is a person", mail(Auto_Submitted="no"))
    yield Case("important mail", mail(X_Priority="1", Importance="high"))
    yield Case("suppressed answers are no automatic mail", mail(X_Auto_Response_Suppress="All"))
    yield Case("no subject", mail(Subject=None), values={"subject": ""})
    yield Case("no Message-ID", mail(Message_ID=None), values={"message_id": ""})
    yield Case("no date", mail(Date=None), values={"sent_at": None})
    yield Case(
        "encrypted",
        parts(
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nsecret",
            kind="encrypted",
        ),
        values={"problems": ("The message is encrypted.",)},
    )
    yield Case(
        "signed",
        parts(plain(HELLO), attached("smime.p7s"), kind="signed"),
        values={"new_text": HELLO, "files": ("smime.p7s",)},
    )


QUOTE = "> We received your form.\n> What is the size?\n"
INTRODUCTIONS = {
    "Gmail en": "On Wed, 25 Nov 2026 at 10:15, Olga Glass <olga@company.example> wrote:\n\n",
    "Gmail fr": "Le mer. 25 nov. 2026 à 10:15, Olga Glass <olga@company.example> a écrit :\n\n",
    "Gmail fr, two lines": (
        "Le mer. 25 nov. 2026 à 10:15, Olga Glass <olga.glass.of.sales@company.example>\n"
        "a écrit :\n\n"
    ),
    "Thunderbird en": "On 25/11/2026 10:15, Olga Glass wrote:\n",
    "Thunderbird fr": "Le 25/11/2026 à 10:15, Olga Glass a écrit\xa0:\n",
    "Apple en": "On 25 Nov 2026, at 10:15, Olga Glass <olga@company.example> wrote:\n\n",
    "Apple fr": "Le 25 nov. 2026 à 10:15, Olga Glass <olga@company.example> a écrit :\n\n",
}
BLOCKS = {
    "Outlook en": (
        "-----Original Message-----\nFrom: Olga Glass <olga@company.example>\n"
        "Sent: Wednesday, November 25, 2026 10:15 AM\nTo: Zoe\nSubject: Offer\n\nWhat is the size?"
    ),
    "Outlook fr": (
        "-----Message d'origine-----\nDe : Olga Glass <olga@company.example>\n"
        "Envoyé : mercredi 25 novembre 2026 10:15\nÀ : Zoé\nObjet : Offre\n\nQuelle taille ?"
    ),
    "Outlook web en": (
        "________________________________\nFrom: Olga Glass <olga@company.example>\n"
        "Sent: Wednesday, November 25, 2026 10:15 AM\nTo: Zoe\nSubject: Offer\n\nWhat is the size?"
    ),
    "Outlook web fr": (
        "________________________________\nDe : Olga Glass <olga@company.example>\n"
        "Envoyé : mercredi 25 novembre 2026 10:15\nÀ : Zoé\nObjet : Offre\n\nQuelle taille ?"
    ),
    "new Outlook en": (
        "From: Olga Glass <olga@company.example>\nDate: Wednesday, 25 November 2026 at 10:15\n"
        "To: Zoe\nSubject: Offer\n\nWhat is the size?"
    ),
    "new Outlook fr": (
        "De : Olga Glass <olga@company.example>\nDate : mercredi 25 novembre 2026 à 10:15\n"
        "À : Zoé\nObjet : Offre\n\nQuelle taille ?"
    ),
}
ANSWERS = {"short": "120 × 80 cm.", "long": "Good morning,\n\n120 × 80 cm.\n\nBest regards,\nZoé"}


def replies() -> Iterator[Case]:
    thread = {
        "In_Reply_To": "<two@company.example>",
        "References": "<one@company.example> <two@company.example>",
    }
    known = {"references": ("two@company.example", "one@company.example"), "first_sender": None}
    quoted = {name: start + QUOTE for name, start in INTRODUCTIONS.items()} | BLOCKS
    for (program, quote), (length, answer) in product(quoted.items(), ANSWERS.items()):
        text = f"{answer}\n\n{quote}"
        yield Case(
            f"reply {program} {length}",
            mail(text, subject="Re: Offer", **thread),
            values=known | {"new_text": answer, "text": text.strip()},
        )
        signed = f"{answer}\n\n-- \nZoé Vitrail\n\n{quote}"
        yield Case(
            f"reply {program} {length} signed",
            mail(signed, subject="RE: Offer", **thread),
            values=known | {"new_text": answer},
        )
    answer = "120 × 80 cm."
    for program, quote in INTRODUCTIONS.items():
        below = f"{quote}> What is the size?\n\n{answer}\n\n> And when?\n\nIn May."
        yield Case(
            f"answers between the lines, {program}",
            mail(below, subject="Re: Offer"),
            values={"new_text": below.strip()},
        )
    page = (
        f"<div>{answer}</div><br><div class=gmail_quote><div>On Wed, 25 Nov 2026, Olga Glass wrote:"
        "<br></div><blockquote><div>What is the size?</div></blockquote></div>"
    )
    yield Case(
        "reply in HTML",
        mail(page, Content_Type="text/html; charset=utf-8"),
        values={"new_text": answer},
    )
    yield Case(
        "quote without an introduction", mail(f"{answer}\n\n{QUOTE}"), values={"new_text": answer}
    )
    many = " ".join(f"<{number}@a.example>" for number in range(400))
    yield Case(
        "long thread",
        mail(References=many),
        values={"references": tuple(f"{number}@a.example" for number in range(399, 349, -1))},
    )


BODY = "Subject: Windows\nTo: olga@company.example\n\nTwo windows, please."
MARKS = {
    "Gmail en": "---------- Forwarded message ---------\nFrom: Zoé Vitrail <zoe@client.example>\n",
    "Gmail fr": "---------- Forwarded message ---------\nDe : Zoé Vitrail <zoe@client.example>\n",
    "Thunderbird en": (
        "-------- Forwarded Message --------\nSubject: \tx\n"
        "From: \tZoé Vitrail <zoe@client.example>\n"
    ),
    "Thunderbird fr": (
        "-------- Message transféré --------\nSujet : \tx\n"
        "De : \tZoé Vitrail <zoe@client.example>\n"
    ),
    "Apple en": "Begin forwarded message:\n\n> From: Zoé Vitrail <zoe@client.example>\n",
    "Apple fr": "Début du message réexpédié :\n\n> De: Zoé Vitrail <zoe@client.example>\n",
    "Outlook en": (
        "-----Original Message-----\nFrom: Zoé Vitrail <zoe@client.example>\n"
        "Sent: Wednesday, November 25, 2026\n"
    ),
    "Outlook fr": (
        "-----Message d'origine-----\nDe : Zoé Vitrail <zoe@client.example>\n"
        "Envoyé : mercredi 25 novembre 2026\n"
    ),
    "Outlook web en": (
        "________________________________\nFrom: Zoé Vitrail <zoe@client.example>\n"
        "Sent: Wednesday, November 25, 2026\n"
    ),
    "Outlook web fr": (
        "________________________________\nDe : Zoé Vitrail <zoe@client.example>\n"
        "Envoyé : mercredi 25 novembre 2026\n"
    ),
    "old Outlook": (
        "From: Zoé Vitrail [mailto:zoe@client.example]\nSent: Wednesday, November 25, 2026\n"
    ),
    "bold Outlook": "*De :* Zoé Vitrail <mailto:zoe@client.example>\n*Envoyé :* mercredi\n",
}


def forwards() -> Iterator[Case]:
    first = {"first_sender": ("zoe@client.example", "Zoé Vitrail")}
    olga = "Olga Glass <olga@company.example>"
    comments = {"bare": "", "commented": "Please look at this.\n\n"}
    for (program, mark), (how, comment), prefix in product(
        MARKS.items(), comments.items(), ("Fwd: ", "TR : ")
    ):
        content = mail(f"{comment}{mark}{BODY}", subject=f"{prefix}Windows", sender=olga)
        yield Case(f"forward {program} {how} {prefix}", content, values=first)
    twice = (
        f"{MARKS['Gmail en'].replace('zoe@client', 'paul@partner').replace('Zoé Vitrail', 'Paul')}"
        f"Subject: Fwd: Windows\n\n{MARKS['Gmail en']}{BODY}"
    )
    yield Case(
        "forwarded twice", mail(twice, subject="Fwd: Fwd: Windows", sender=olga), values=first
    )
    inner = "Content-Type: message/rfc822\n\n" + mail("Two windows.").decode()
    yield Case(
        "forwarded as a file",
        parts(plain("See below"), inner, sender=olga),
        values=first | {"files": ("Offer.eml",)},
    )
    yield Case(
        "a reply is no forward",
        mail(BLOCKS["Outlook en"], subject="RE: Offer"),
        values={"first_sender": None},
    )
    yield Case(
        "a sentence about forwarding",
        mail("From: my desk\nForwarded message to you"),
        values={"first_sender": None},
    )
    page = (
        "<p>See below</p><p>---------- Forwarded message ---------<br>From: <b>Zoé Vitrail</b> "
        "&lt;<a href='mailto:zoe@client.example'>zoe@client.example</a>&gt;<br>Subject: x</p>"
    )
    yield Case(
        "forward in HTML",
        mail(page, Content_Type="text/html; charset=utf-8", sender=olga),
        values=first,
    )


def charsets() -> Iterator[Case]:
    text = "Une fenêtre à 1 200 €, s’il vous plaît"
    for charset in ("utf-8", "cp1252", "iso-8859-15", "utf-16", "utf-8-sig"):
        raw = mail("BODY", Content_Type=f"text/plain; charset={charset}")
        body = text.replace("’", "'") if charset == "iso-8859-15" else text
        content = raw.replace(b"BODY\n", b"") + base64.encodebytes(body.encode(charset))
        content = content.replace(b"\n\n", b"\nContent-Transfer-Encoding: base64\n\n", 1)
        yield Case(f"charset {charset}", content, values={"new_text": body})
    for label in ("utf-8", "us-ascii", "unknown-8bit", "x-invented", "zlib_codec", "punycode", ""):
        for real in ("utf-8", "cp1252"):
            raw = mail("BODY", Content_Type=f"text/plain; charset={label}")
            yield Case(
                f"{real} that calls itself {label}",
                raw.replace(b"BODY", text.encode(real)),
                values={"new_text": text},
            )
    for name, encoded in (
        ("base64", "=?utf-8?b?RmVuw6p0cmVz?="),
        ("quoted", "=?iso-8859-1?q?Fen=EAtres?="),
        ("two words", "=?utf-8?q?Fen?= =?utf-8?q?=C3=AAtres?="),
        ("raw", "Fenêtres"),
    ):
        raw = mail(subject="SUBJECT").replace(b"SUBJECT", encoded.encode())
        yield Case(f"subject {name}", raw, values={"subject": "Fenêtres"})
    yield Case(
        "broken encoded word", mail(subject="=?utf-8?b?////?= x"), values={"new_text": HELLO}
    )
    yield Case(
        "sender in encoded words",
        mail(sender="=?utf-8?q?Zo=C3=A9_Vitrail?= <zoe@client.example>"),
        values={"sender": ("zoe@client.example", "Zoé Vitrail")},
    )
    quoted = mail("Fen=C3=AAtre =\n=3D 1", Content_Transfer_Encoding="quoted-printable")
    yield Case("quoted-printable", quoted, values={"new_text": "Fenêtre = 1"})
