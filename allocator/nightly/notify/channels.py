"""Webhook and e-mail: a message is taken by the other side, or there is a reason why not."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from allocator.nightly.credentials import CredentialError, secret_of
from allocator.nightly.notify.mail import send_mail
from allocator.nightly.notify.message import Message
from allocator.nightly.web import Call, Sleep, WebError, answered, tried, trusting
from allocator.scenario.addresses import wrong_with
from allocator.scenario.notify import Mail, Notify, Webhook


class UndeliveredError(Exception):
    """A message that was not taken; the reason holds no secret."""


class Channel(Protocol):
    """Somebody who is told alerts of a severity and above."""

    @property
    def name(self) -> str: ...

    @property
    def least_severity(self) -> str: ...

    def send(self, message: Message) -> str:
        """Have it taken; says what did not go as asked, "" for nothing. Raises UndeliveredError."""


class WebhookChannel:
    """Sends JSON by POST."""

    def __init__(
        self, hook: Webhook, hosts: Collection[str], home: Path, context: ssl.SSLContext, sleep: Sleep
    ) -> None:
        self.hook, self.hosts, self.home, self.context, self.sleep = hook, hosts, home, context, sleep
        self.name, self.least_severity = hook.name, hook.least_severity

    def send(self, message: Message) -> str:
        """See the protocol."""
        try:
            call = self._call(message)
            return tried(lambda: self._once(call), self.hook.tries, self.sleep)
        except (WebError, CredentialError) as error:
            raise UndeliveredError(str(error)) from None

    def _call(self, message: Message) -> Call:
        headers, query = {"Content-Type": "application/json", "Idempotency-Key": message.identity}, dict[str, str]()
        secret = self.hook.secret
        if secret is not None:
            value = secret.prefix + secret_of(secret, self.home)
            (headers if secret.header else query)[secret.header or str(secret.parameter)] = value
        body = json.dumps(message.as_dict()).encode()
        return Call("POST", self._address(), self.hook.timeout_s, headers, query, body)

    def _address(self) -> str:
        """Where alerts go; nothing of an address that is a secret is quoted."""
        if self.hook.url is not None:
            return self.hook.url
        assert self.hook.secret_url is not None
        url = secret_of(self.hook.secret_url, self.home)
        for wrong in wrong_with(url, self.hosts):
            raise CredentialError(f"what secret_url names holds something else than {wrong.expected}")
        return url

    def _once(self, call: Call) -> str:
        with answered(call, self.context):
            return ""


class MailChannel:
    """Sends mail."""

    def __init__(self, mail: Mail, home: Path, context: ssl.SSLContext, sleep: Sleep) -> None:
        self.mail, self.home, self.context, self.sleep = mail, home, context, sleep
        self.name, self.least_severity = mail.name, mail.least_severity

    def send(self, message: Message) -> str:
        """See the protocol."""
        try:
            password = None if self.mail.password is None else secret_of(self.mail.password, self.home)
            return tried(lambda: send_mail(self.mail, password, message, self.context), self.mail.tries, self.sleep)
        except (WebError, CredentialError) as error:
            raise UndeliveredError(str(error)) from None


def channels(asked: Notify, home: Path, sleep: Sleep = time.sleep) -> Iterator[Channel]:
    """The channels of a file in the folder `home`; raises OSError where its certificates cannot be read."""
    context = trusting(None if asked.ca_file is None else home / asked.ca_file)
    yield from (WebhookChannel(hook, asked.hosts, home, context, sleep) for hook in asked.webhooks)
    yield from (MailChannel(mail, home, context, sleep) for mail in asked.mails)
