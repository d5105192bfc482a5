"""E-mails, chats and forms become one text."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from triage.config import Config
from triage.errors import InputError
from triage.text import read_chat, read_email, read_form
from triage.text.chat import agent_turns


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("客户：卡被吞了\n客服：您好，请问是信用卡吗\n客户：不是", ["客服：您好，请问是信用卡吗\n"]),
        ("客服01 10:22：您好\n客户 10:23：钱没到账", ["客服01 10:22：您好\n"]),
        ("坐席:您好。客户:我要退保", ["坐席:您好。"]),
        ("Agent: hello\nCustomer: 钱没了", ["Agent: hello\n"]),
        # near misses: no dialogue
        ("客服：态度很差，我要投诉", []),
        ("客户：张某反映信用卡被盗刷", []),
        ("我的诉求：退款", []),
        ("", []),
    ],
)
def test_only_the_agents_turns_are_context(config: Config, text: str, agent: list[str]) -> None:
    assert [text[start:end] for start, end in agent_turns(text, config.text.roles)] == agent


def test_turns_become_one_text(config: Config) -> None:
    document = read_chat([("客服", "您好"), ("客户", "卡被吞了")], config.text.roles)
    assert document.text == "客服：您好\n客户：卡被吞了"
    assert [document.text[a:b] for a, b in document.context] == ["客服：您好\n"]


def _mail(body: str, *, charset: str = "utf-8", subtype: str = "plain") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "投诉：信用卡年费"
    message["Date"] = "Tue, 24 Nov 2026 09:30:00 +0800"
    message.set_content(body, charset=charset, subtype=subtype)
    return message


def test_subject_and_body() -> None:
    document = read_email(_mail("年费扣了三百。\n").as_bytes())
    assert document.text == "投诉：信用卡年费\n年费扣了三百。"
    assert document.received is not None
    assert document.received.isoformat() == "2026-11-24T09:30:00+08:00"


def test_a_wrong_charset_is_found_out() -> None:
    raw = _mail("placeholder").as_bytes()
    head, _, _ = raw.partition(b"\n\n")
    head = head.replace(b'charset="utf-8"', b'charset="gb2312"')
    assert "镕基路支行" in read_email(head + b"\n\n" + "镕基路支行".encode("gb18030")).text
    assert "年费" in read_email(head.replace(b"gb2312", b"x-unknown") + b"\n\n" + "年费".encode("gb18030")).text


def test_html_becomes_text() -> None:
    head = "<head><style>p{}</style></head>"
    body = f"<html>{head}<body><p>年费&nbsp;三百</p><script>x</script><div>退给我</div></body></html>"
    assert read_email(_mail(body, subtype="html").as_bytes()).text == "投诉：信用卡年费\n年费 三百\n退给我"


def test_quoted_mail_is_context() -> None:
    body = "我不同意。\n> 您的理赔申请被拒\n-----原始邮件-----\n尊敬的客户：拒赔"
    document = read_email(_mail(body).as_bytes(), quoted=("-----原始邮件",))
    context = "".join(document.text[start:end] for start, end in document.context)
    assert "您的理赔申请被拒" in context
    assert "拒赔" in context
    assert "我不同意" not in context


def test_attachments_are_named() -> None:
    message = _mail("见附件")
    message.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")
    assert read_email(message.as_bytes()).notes == ("attachments left out: 1",)


@pytest.mark.parametrize("data", [b"", b"Subject:\n\n", b"Content-Type: image/png\n\nabc"])
def test_a_mail_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no readable text"):
        read_email(data)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"标题": "年费", "内容": "多收了", "诉求": "退费"}, "年费\n多收了\n诉求：退费"),
        ({"Subject": "年费", "Body": "多收了"}, "年费\n多收了"),
        ({"text": "多收了", "id": 7}, "多收了"),
    ],
)
def test_forms(fields: dict[str, object], text: str) -> None:
    assert read_form(fields).text == text


@pytest.mark.parametrize("fields", [{}, {"phone": "1"}, {"text": ""}, {"text": ["a"]}, {"text": True}])
def test_a_form_without_text_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InputError, match="legal"):
        read_form(fields)


def test_unknown_fields_are_named() -> None:
    assert read_form({"text": "多收了", "星座": "狮子"}).notes == ("fields left out: 星座",)
