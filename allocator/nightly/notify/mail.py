"""One e-mail, over TLS; what a server says is told by its number alone."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

from allocator.nightly.notify.message import Message
from allocator.nightly.web import PassesError, WebError
from allocator.scenario.notify import Mail

_PERMANENT = 500
"""Replies from here on will not pass."""


def send_mail(mail: Mail, password: str | None, message: Message, context: ssl.SSLContext) -> str:
    """Send a message to all recipients of a channel; what the server took with less than all of them is said.

    Raises:
        PassesError: a failure that may have gone the next time. WebError: one that will not; what was said is not
        quoted, since it may hold what was sent.
    """
    try:
        with _connected(mail, context) as server:
            if mail.user is not None and password is not None:
                server.login(mail.user, password)
            refused = server.send_message(letter(mail, message), mail.sender, list(mail.recipients))
    except smtplib.SMTPRecipientsRefused as error:
        raise _told(max((code for code, _ in error.recipients.values()), default=_PERMANENT), "recipients") from None
    except smtplib.SMTPResponseException as error:
        raise _told(error.smtp_code, "what was said") from None
    except smtplib.SMTPNotSupportedError:
        raise WebError("the server does not offer what was asked of it (TLS or login)") from None
    except ssl.SSLCertVerificationError:
        raise WebError("nobody vouches for the server's certificate") from None
    except (smtplib.SMTPException, OSError, EOFError) as error:
        raise PassesError(f"the connection failed ({type(error).__name__})") from None
    return f"it was not taken for {', '.join(sorted(refused))}" if refused else ""


def _told(code: int, what: str) -> PassesError | WebError:
    words = f"the server refused {what} ({code})"
    return WebError(words) if code >= _PERMANENT or code < 0 else PassesError(words)


def _connected(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_s, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    if mail.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def letter(mail: Mail, message: Message) -> EmailMessage:
    """The message as mail: plain text, no line break in any header."""
    found = EmailMessage(policy=SMTP)
    found["Subject"] = _line(message.subject)
    found["From"], found["To"] = mail.sender, ", ".join(mail.recipients)
    found["Date"] = localtime()
    found["Message-ID"] = f"<{message.identity}@{mail.sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    text = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in message.text)
    found.set_content(text, cte="quoted-printable")
    return found


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]
