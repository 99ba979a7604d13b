"""Alerts brought to servers that misbehave: told once, told again when they change, and never a reason to fail."""

from __future__ import annotations

import json
import logging
from collections.abc import Container, Iterator
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.notify.channels import UndeliveredError, channels
from allocator.nightly.notify.deliver import Desk
from allocator.nightly.notify.message import Headline, Message, Told
from allocator.nightly.store.database import database_url, open_database
from allocator.nightly.store.deliveries import EVERY_KIND, NO_KIND
from allocator.nightly.store.registry import Registry
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.notify import load_notify
from tests.nightly.certificate import Certificate, certificate
from tests.nightly.mail_server import MailServer, mail_serving
from tests.nightly.server import Answer, Server, serving

SECRET = "s3cret-token"
HEAD = Headline("small", "2027-06-01T02:00:00+00:00", "ab" * 32, "published", 7)
NEW = Told("critical", "margin_call", "loan\nnotes: =1+1 \u20ac")
TRIAL = Message(HEAD, (NEW,), (Told("warning", "feed_stale", "price: old"),))
HIGH = Alert(Severity.CRITICAL, "plan_kept", "the plan stays")
LOW = Alert(Severity.WARNING, "feed_stale", "price: old")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def hook() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def post(trusted: Certificate) -> Iterator[MailServer]:
    with mail_serving(trusted.server) as found:
        yield found


def webhook(url: str, **changed: Any) -> dict[str, Any]:
    return {"name": "hook", "url": url, "timeout_s": 0.4, "tries": 2, "least_severity": "warning", **changed}


def mail(server: MailServer, **changed: Any) -> dict[str, Any]:
    people = {"sender": "allocator@example.org", "recipients": ["desk@example.org", "night@example.org"]}
    return {"name": "mail", "host": "127.0.0.1", "port": server.port, "timeout_s": 0.4, "tries": 2, **people, **changed}


def written(home: Path, **asked: Any) -> Path:
    file = home / "notify.yaml"
    file.write_text(json.dumps({"version": 1, "hosts": ["127.0.0.1"], **asked}))
    return file


def send(home: Path, message: Message = TRIAL, **asked: Any) -> tuple[str, list[float]]:
    """What became of a message, and the waits between tries."""
    waits = list[float]()
    (channel,) = channels(load_notify(written(home, **asked)), home, waits.append)
    try:
        return channel.send(message), waits
    except UndeliveredError as error:
        return str(error), waits


def test_a_webhook_gets_json_with_its_secret(hook: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"environment": "HOOK_TOKEN", "header": "Authorization", "prefix": "Bearer "}
    asked = webhook(hook.url, secret=secret)
    hook.say(Answer(status=204))
    assert "HOOK_TOKEN is not set" in send(tmp_path, webhooks=[asked])[0]
    monkeypatch.setenv("HOOK_TOKEN", SECRET)
    assert send(tmp_path, webhooks=[asked]) == ("", [])
    said, headers = json.loads(hook.taken[0]), hook.asked[0][1]
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Idempotency-Key"] == said["id"]
    assert said["new"] == [{"severity": "critical", "kind": "margin_call", "message": NEW.message}]
    assert (said["state"], said["exit_code"], said["scenario"]) == ("published", 7, "small")
    assert "- critical: loan notes: =1+1" in said["text"]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ("http://127.0.0.1:{port}/" + SECRET, ""),
        ("http://127.0.0.1:1/" + SECRET, "the connection failed (ConnectError), 2 times"),
        ("https://example.org/" + SECRET, "holds something else than a host listed in hosts"),
        (SECRET, "holds something else than an https address"),
        ("", "chat.url is empty"),
    ],
    ids=["taken", "away", "unlisted", "no address", "empty"],
)
def test_an_address_that_is_a_secret_is_read_when_it_is_needed(
    hook: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, held: str, words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "chat.url").write_text(held.format(port=urlsplit(hook.url).port))
    (tmp_path / "chat.url").chmod(0o600)
    asked = webhook("") | {"url": None, "secret_url": {"file": "chat.url"}}
    hook.say(Answer())
    said, _ = send(tmp_path, webhooks=[asked])
    assert words in said
    assert [path for path, _ in hook.asked] == ([] if words else [f"/{SECRET}"])
    assert SECRET not in said + caplog.text


@pytest.mark.parametrize(
    ("answers", "words", "waits"),
    [
        ([Answer(status=503), Answer()], "", [1.0]),
        ([Answer(status=429, headers={"Retry-After": "9"}), Answer()], "", [9.0]),
        ([Answer(status=500)], "status 500, 2 times", [1.0]),
        ([Answer(late_s=1.0), Answer()], "", [1.0]),
        ([Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})], "status 302", []),
        ([Answer(status=401)], "status 401", []),
        ([Answer(b"<html>", content="text/html")], "", []),
    ],
    ids=["503", "429", "500", "slow", "redirect", "401", "html"],
)
def test_a_webhook_that_misbehaves(
    hook: Server, tmp_path: Path, answers: list[Answer], words: str, waits: list[float]
) -> None:
    hook.say(*answers)
    assert send(tmp_path, webhooks=[webhook(hook.url)]) == (words, waits)


def test_a_letter_goes_out_over_tls_with_a_login(post: MailServer, trusted: Certificate, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)
    (tmp_path / "password").chmod(0o600)
    post.say()
    asked = mail(post, user="planner", password={"file": "password"})
    assert send(tmp_path, ca_file=str(trusted.file), mails=[asked]) == ("", [])
    letter = message_from_string(post.letters[0], EmailMessage, policy=policy.default)
    assert letter["Subject"] == "allocator, small: critical: 1 new, 1 resolved"
    assert letter["To"] == "desk@example.org, night@example.org"
    assert "loan notes: =1+1 \u20ac" in letter.get_content()
    assert (post.encrypted, post.logins) == ([True], [f"\0planner\0{SECRET}"])
    assert post.words.index("STARTTLS") < post.words.index("AUTH")


@pytest.mark.parametrize(
    ("replies", "words", "waits"),
    [
        ({"RCPT": "550 no such person"}, "the server refused recipients (550)", []),
        ({"RCPT": "450 later"}, "the server refused recipients (450), 2 times", [1.0]),
        ({"MAIL": "421 too busy"}, "the server refused what was said (421), 2 times", [1.0]),
        ({"END": "554 spam"}, "the server refused what was said (554)", []),
        ({"GREET": "drop"}, "the connection failed (SMTPServerDisconnected), 2 times", [1.0]),
        ({"DATA": "drop"}, "the connection failed (SMTPServerDisconnected), 2 times", [1.0]),
        ({"STARTTLS": "454 no TLS now"}, "the server refused what was said (454), 2 times", [1.0]),
        ({"GREET": "wait"}, "the connection failed (SMTPServerDisconnected), 2 times", [1.0]),
        ({"GREET": "HTTP/1.1 200 OK"}, "the server refused what was said (-1)", []),
    ],
    ids=["550", "450", "421", "554", "gone", "cut", "no TLS", "slow", "no mail server"],
)
def test_a_mail_server_that_misbehaves(
    post: MailServer, trusted: Certificate, tmp_path: Path, replies: dict[str, str], words: str, waits: list[float]
) -> None:
    post.say(**replies)
    assert send(tmp_path, ca_file=str(trusted.file), mails=[mail(post)]) == (words, waits)


def test_nothing_is_said_to_a_server_that_is_not_who_it_should_be(post: MailServer, tmp_path: Path) -> None:
    post.say()
    assert send(tmp_path, mails=[mail(post)])[0] == "nobody vouches for the server's certificate"
    with mail_serving() as plain:
        assert "does not offer" in send(tmp_path, mails=[mail(plain)])[0]
        assert {*post.words, *plain.words} <= {"EHLO", "STARTTLS", "QUIT"}


def test_a_webhook_needs_a_certificate_that_is_trusted(trusted: Certificate, tmp_path: Path) -> None:
    with serving(trusted.server) as secure:
        secure.say(Answer())
        assert "ConnectError" in send(tmp_path, webhooks=[webhook(secure.url)])[0]
        assert secure.taken == []
        assert send(tmp_path, ca_file=str(trusted.file), webhooks=[webhook(secure.url)]) == ("", [])


class Nights:
    """Nights that raise alerts, and what a webhook hears of them."""

    def __init__(self, home: Path, hook: Server) -> None:
        self.hook, self.log = hook, list[tuple[str, dict[str, Any]]]()
        self.registry = Registry(open_database(database_url(str(home))))
        file = written(home, webhooks=[webhook(hook.url)])
        self.desk = Desk(file, lambda event, **facts: self.log.append((event, facts)), lambda _: None)

    def night(
        self, *alerts: Alert, looked_for: Container[str] = EVERY_KIND, status: int = 200
    ) -> list[tuple[list[str], list[str]]]:
        """New and resolved kinds of each message that is taken."""
        self.hook.say(Answer(status=status))
        self.desk.tell(self.registry, HEAD, alerts, looked_for)
        said = [json.loads(body) for body in self.hook.taken] if status == 200 else []
        return [([one["kind"] for one in each["new"]], [one["kind"] for one in each["resolved"]]) for each in said]


@pytest.fixture
def nights(tmp_path: Path, hook: Server) -> Iterator[Nights]:
    found = Nights(tmp_path, hook)
    yield found
    found.registry.engine.dispose()


def test_an_alert_is_told_once_until_it_changes_or_is_gone(nights: Nights) -> None:
    note = Alert(Severity.INFO, "note", "below what this channel is told")
    assert nights.night(HIGH, LOW, note) == [(["plan_kept", "feed_stale"], [])]
    assert nights.night(HIGH, LOW) == []
    changed = Alert(Severity.WARNING, "feed_stale", "price: older")
    assert nights.night(HIGH, changed) == [(["feed_stale"], ["feed_stale"])]
    assert nights.night(changed) == [([], ["plan_kept"])]
    assert nights.night(looked_for=NO_KIND) == [], "a night that failed half-way does not know what is gone"
    assert nights.night() == [([], ["feed_stale"])]
    assert nights.night() == []
    assert nights.night(LOW) == [(["feed_stale"], [])]


def test_figures_that_move_every_night_make_no_new_alert(nights: Nights) -> None:
    near = [Alert(Severity.WARNING, "margin_near", f"LTV {ltv} %", about="notes") for ltv in (60, 61)]
    assert nights.night(near[0]) == [(["margin_near"], [])]
    assert nights.night(near[1]) == []
    assert nights.night(Alert(Severity.CRITICAL, "margin_near", "LTV 62 %", about="notes")) != []


def test_what_could_not_be_told_is_told_the_next_night_even_if_it_is_gone(nights: Nights) -> None:
    assert nights.night(HIGH, LOW, status=500) == []
    ((event, facts),) = nights.log
    assert (event, facts["kind"]) == ("alert", "delivery_failed")
    assert [one.kind for one in nights.registry.events()] == ["delivery_failed"]
    assert nights.night(LOW) == [(["feed_stale"], ["plan_kept"])]
    assert nights.night(LOW) == []


def test_without_a_registry_everything_is_told(nights: Nights) -> None:
    nights.hook.say(Answer())
    for _ in range(2):
        nights.desk.tell(None, HEAD, [HIGH], NO_KIND)
    assert len(nights.hook.taken) == 2


def test_no_secret_reaches_log_or_store(nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", SECRET)
    asked = webhook(nights.hook.url, secret={"environment": "HOOK_TOKEN", "parameter": "token"})
    nights.desk = Desk(written(tmp_path, webhooks=[asked]), nights.desk.log, lambda _: None)
    nights.night(HIGH, status=401)
    nights.desk.tell(nights.registry, HEAD, [HIGH], EVERY_KIND)
    assert SECRET in nights.hook.asked[0][0]
    assert SECRET not in str(nights.log)
    nights.registry.engine.dispose()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "webhooks or mails"),
        ({"webhooks": [webhook("http://example.org/x")]}, "an https address"),
        (
            {"webhooks": [webhook(f"http://example.org/{SECRET}?key={SECRET}")]},
            "found http://example.org; expected an h",
        ),
        ({"webhooks": [webhook(f"https://[example.org/{SECRET}")]}, "expected an address"),
        ({"webhooks": [webhook("https://example.org/x")]}, "a host listed in hosts"),
        ({"webhooks": [webhook(f"https://me:{SECRET}@127.0.0.1/")]}, "no credentials in the file"),
        ({"webhooks": [webhook("http://127.0.0.1/"), webhook("http://127.0.0.1/")]}, "another name"),
        ({"webhooks": [webhook("http://127.0.0.1/", secret={"header": "A"})]}, "environment or file"),
        ({"webhooks": [webhook("http://127.0.0.1/", secret=SECRET)]}, "may be a secret; expected a mapping"),
        ({"webhooks": [webhook(f"https://127.0.0.1/{SECRET}" + 2000 * "x")]}, "expected at most 2000 characters"),
        ({"webhooks": [webhook("http://127.0.0.1/", secret_url={"environment": f"A-{SECRET}"})]}, "never the secret"),
        ({"webhooks": [webhook("http://127.0.0.1/", secret_url={"environment": "URL"})]}, "url or secret_url"),
        ({"mails": [mail(MailServer(25), host="mail.example.org")]}, "a host listed in hosts"),
        ({"hosts": ["m.example"], "mails": [mail(MailServer(25), host="m.example", security="none")]}, "starttls"),
        ({"mails": [mail(MailServer(25), user="planner")]}, "both or neither"),
        ({"mails": [mail(MailServer(25), sender="a@b.example\nBcc: x@y.example")]}, "an address such as"),
    ],
)
def test_faults_of_a_file_of_channels_are_told(tmp_path: Path, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioFaults) as error:
        load_notify(written(tmp_path, **asked))
    assert words in str(error.value)
    assert SECRET not in str(error.value)
