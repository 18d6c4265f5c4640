"""Mails of programs and attackers, and mails with files."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mail.building import HELLO, OWN_ID, Case, attached, html, mail, parts, plain


def automatic() -> Iterator[Case]:
    for name, value in (
        ("Auto_Submitted", "auto-replied"),
        ("Auto_Submitted", "auto-generated; owner-email=x"),
        ("X_Autoreply", "yes"),
        ("X_Autorespond", "1"),
        ("Precedence", "auto_reply"),
        ("Return_Path", "<>"),
        ("X_Autoresponder", "x"),
    ):
        yield Case(f"automatic by {name} {value}", mail(**{name: value}), "automatic")
    for subject in (
        *("Automatic reply: Offer", "Out of office: Offer", "Out of the office", "AutoReply: x"),
        *("Réponse automatique : Offre", "Réponse automatique: x", "Absence du bureau"),
        *("Auto-Reply: x", "Message d’absence : x", "OUT OF OFFICE x"),
    ):
        yield Case(f"automatic by the subject {subject}", mail(subject=subject), "automatic")
    yield Case(
        "read receipt",
        parts(
            plain("Read"),
            "Content-Type: message/disposition-notification\n\nDisposition: displayed",
            kind="report; report-type=disposition-notification",
        ),
        "automatic",
    )
    yield Case("a person answers an automatic mail", mail(subject="Re: Automatic reply: Offer"))


def bounces() -> Iterator[Case]:
    status = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\n"
        "Final-Recipient: rfc822; Nobody@Client.example\nAction: failed\nStatus: 5.1.1\n"
    )
    returned = "Content-Type: text/rfc822-headers\n\nMessage-ID: <lost@company.example>\nTo: x"
    report = "report; report-type=delivery-status"
    values = {"bounced": ("nobody@client.example",), "references": ("lost@company.example",)}
    for sender in ("MAILER-DAEMON@a.example", "postmaster@a.example", "x@a.example", "<>"):
        yield Case(
            f"bounce from {sender}",
            parts(plain("Failed"), status, returned, kind=report, sender=sender),
            "bounce",
            values,
        )
    whole = "Content-Type: message/rfc822\n\n" + mail(Message_ID="<lost@company.example>").decode()
    yield Case(
        "bounce with the whole message",
        parts(plain("Failed"), status, whole, kind=report),
        "bounce",
        values,
    )
    yield Case("bounce of Gmail", mail(X_Failed_Recipients="nobody@client.example"), "bounce")
    for sender in ("Mail Delivery System <MAILER-DAEMON@a.example>", "postmaster@b.example"):
        yield Case(f"bounce in plain text from {sender}", mail(sender=sender), "bounce")
    yield Case(
        "delayed",
        parts(plain("Delayed"), status.replace("failed", "delayed"), kind=report),
        "bounce",
    )


def lists() -> Iterator[Case]:
    for name, value in (
        ("List_Id", "<news.example.com>"),
        ("List_Unsubscribe", "<https://example.com/stop>"),
        ("List_Post", "<mailto:list@example.com>"),
        ("Precedence", "bulk"),
        ("Precedence", "list"),
        ("Precedence", "junk"),
        ("Feedback_ID", "1:2:3:mailer"),
        ("Precedence", "BULK"),
    ):
        yield Case(f"list by {name} {value}", mail(**{name: value}), "list", {"new_text": HELLO})


def no_reply() -> Iterator[Case]:
    for local in (
        *("noreply", "no-reply", "no_reply", "No.Reply", "donotreply", "do-not-reply"),
        *("ne-pas-repondre", "nepasrepondre", "noreponse", "notification", "notifications"),
        *("bounce", "bounces+a=b.example", "no-reply-sales", "noreply+1"),
    ):
        yield Case(f"from {local}", mail(sender=f"{local}@shop.example"), "no reply")
    for local in ("norbert", "reply", "noriega", "bouncer", "notify.me", "nathalie.reponse"):
        yield Case(f"from the person {local}", mail(sender=f"{local}@shop.example"))
    yield Case("without a sender", mail(From=None), "no reply")
    yield Case("with an invalid sender", mail(sender="nobody"), "no reply")


def own_and_loops() -> Iterator[Case]:
    yield Case("our own mail", mail(X_Leadlight_Instance=OWN_ID), "own")
    yield Case(
        "our own automatic mail",
        mail(X_Leadlight_Instance=OWN_ID, Auto_Submitted="auto-generated"),
        "own",
    )
    other = mail(X_Leadlight_Instance="f" * 24, Auto_Submitted="auto-generated")
    yield Case("automatic mail of another instance", other, "automatic")
    yield Case("a person at another instance", mail(X_Leadlight_Instance="f" * 24))
    for count, kind in ((1, "personal"), (30, "personal"), (31, "loop"), (400, "loop")):
        lines = [f"Received: from a{number}.example" for number in range(count)]
        yield Case(f"{count} servers", mail(HELLO, *lines), kind)
    yield Case(
        "delivered twice to one address",
        mail(HELLO, "Delivered-To: a@b.example", Delivered_To="A@b.example"),
        "loop",
    )
    yield Case(
        "delivered to two addresses",
        mail(HELLO, "Delivered-To: a@b.example", Delivered_To="c@b.example"),
    )


def files() -> Iterator[Case]:
    for name, expected in (
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\plans\\a.pdf", "a.pdf"),
        ("=?utf-8?q?d=C3=A9vis.pdf?=", "devis.pdf".replace("devis", "dévis")),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("a\tb.pdf", "a b.pdf"),
        ("...", "file"),
        ("a b.pdf", "a b.pdf"),
        (".htaccess", "htaccess"),
    ):
        yield Case(
            f"file {name[:20]!r}",
            parts(plain(HELLO), attached(name)),
            values={"new_text": HELLO, "files": (expected,)},
        )
    long = (
        "Content-Type: application/pdf\nContent-Disposition: attachment;\n"
        " filename*0*=utf-8''d%C3%A9;\n filename*1*=vis.pdf\n\nx"
    )
    yield Case("file name of RFC 2231", parts(plain(HELLO), long), values={"files": ("dévis.pdf",)})
    large = attached("film.mp4", b"\0" * 20_000_000, "video/mp4")
    yield Case("20 MB", parts(plain(HELLO), large), values={"files": ("film.mp4",), "problems": ()})
    picture = (
        "Content-Type: image/png\nContent-ID: <logo>\nContent-Disposition: inline;\n"
        ' filename="logo.png"\nContent-Transfer-Encoding: base64\n\nAAAA'
    )
    yield Case(
        "inline picture",
        parts(html("<p>Hello<img src='cid:logo'></p>"), picture, kind="related"),
        values={"new_text": "Hello", "inline": ("logo.png",)},
    )
    invitation = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR"
    yield Case(
        "invitation",
        parts(plain(HELLO), invitation, kind="alternative"),
        values={"new_text": HELLO, "files": ("invitation.ics",)},
    )
    yield Case(
        "text file",
        parts(plain(HELLO), attached("notes.txt", b"secret", "text/plain")),
        values={"new_text": HELLO, "files": ("notes.txt",)},
    )
    yield Case(
        "winmail.dat",
        parts(plain(HELLO), attached("winmail.dat", b"x", "application/ms-tnef")),
        values={"files": ("winmail.dat",)},
    )
    yield Case(
        "file alone",
        mail(
            "JVBERi0=",
            Content_Type="application/pdf; name=a.pdf",
            Content_Transfer_Encoding="base64",
        ),
        values={"new_text": "", "files": ("a.pdf",)},
    )
    yield Case(
        "broken base64",
        parts(plain(HELLO), attached("a.pdf").replace("eA==", "e*A=")),
        values={"files": ("a.pdf",)},
    )
    many = [attached(f"{number}.txt") for number in range(150)]
    yield Case(
        "150 files",
        parts(plain(HELLO), *many),
        values={
            "files": tuple(f"{number}.txt" for number in range(100)),
            "problems": ("Only the first 100 files were read.",),
        },
    )


def hostile() -> Iterator[Case]:
    nested = plain("x")
    for level in range(200):
        nested = f'Content-Type: multipart/mixed; boundary="n{level}"\n\n--n{level}\n{nested}\n'
        nested += f"--n{level}--"
    sender = {"sender_address": "zoe@client.example", "subject": "Offer"}
    yield Case(
        "200 levels of parts",
        parts(nested),
        values=sender | {"problems": ("The message has too many nested parts.",)},
    )
    message = "x"
    for _level in range(100):
        message = f"Content-Type: message/rfc822\n\n{message}"
    yield Case("100 messages in messages", parts(message), values=sender)
    yield Case(
        "100,000 parts",
        parts(*["\n"] * 100_000),
        values=sender | {"problems": ("The message has too many parts.",)},
    )
    yield Case(
        "40 MB",
        mail("x" * 40_000_000),
        values=sender | {"problems": ("The message is too large.",)},
    )
    yield Case(
        "headers of 2 MB",
        mail(HELLO, *["X-A: " + "b" * 1_000] * 2_000),
        values=sender | {"problems": ("The headers are too long.",)},
    )
    yield Case(
        "20,000 receivers",
        mail(To=", ".join(f"a{n}@b.example" for n in range(20_000))),
        values=sender,
    )
    yield Case("NUL", mail("a\0b", subject="Off\0er"), values={"new_text": "ab"})
    yield Case(
        "right to left", mail("\u202eabc", subject="\u202eOffer"), values={"subject": "\u202eOffer"}
    )
    yield Case(
        "script",
        mail("<script>alert(1)</script><p>Hi</p>", Content_Type="text/html"),
        values={"new_text": "Hi"},
    )
    yield Case(
        "many comments", mail("<!--" * 200_000, Content_Type="text/html"), values={"new_text": ""}
    )
    yield Case("many brackets", mail("<" * 900_000, Content_Type="text/html"))
    yield Case("many introductions", mail("On a\n" * 200_000))
    yield Case("long line of spaces", mail(" " * 900_000 + "x"))
    yield Case("encoded words without end", mail(subject="=?" * 9_000))
    yield Case(
        "nested comments in an address", mail(sender="(" * 9_000 + "zoe@client.example"), "no reply"
    )
    yield Case("quotes in an address", mail(sender='"' * 9_001), "no reply")
    yield Case("boundary that is missing", mail("x", Content_Type="multipart/mixed"), values=sender)
    yield Case(
        "boundary that never ends",
        mail("--b\n\nx", Content_Type="multipart/mixed; boundary=b"),
        values=sender,
    )
    yield Case("parameters without end", mail(Content_Type="text/plain; " + "a*0=b;" * 5_000))
    yield Case("empty", b"", "no reply", {"new_text": ""})
    yield Case("line breaks alone", b"\r\n\r\n", "no reply", {"new_text": ""})
    yield Case("random bytes", bytes(range(256)) * 40, "no reply")
    yield Case("headers alone", mail().partition(b"\n\n")[0], values=sender)
    yield Case("carriage returns", mail().replace(b"\n", b"\r\n"), values={"new_text": HELLO})
    yield Case(
        "a date in the year 99999",
        mail(Date="Wed, 25 Nov 99999 10:15:00 +0100"),
        values={"sent_at": None},
    )
    yield Case(
        "injected header",
        mail(subject="a\n Bcc: b@c.example"),
        values={"subject": "a Bcc: b@c.example"},
    )
