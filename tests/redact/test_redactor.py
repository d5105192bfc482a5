from __future__ import annotations

import time

import pytest
from generated import CARD16, CARD19, CARD_WRONG, ID, ID_WRONG, MOBILE, card, id_card

from triage.errors import UsageError
from triage.redact import RecognizerResult, Redactor

SPACED_CARD = f"{CARD19[:4]} {CARD19[4:8]} {CARD19[8:12]} {CARD19[12:16]} {CARD19[16:]}"


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        # ID cards: right, spaced, full width, wrong check character but plausible, wrong but named.
        (f"证号{ID}。", "证号<身份证号_1>。"),
        (ID, "<身份证号_1>"),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", "<身份证号_1>"),
        (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", "<身份证号_1>"),
        (wide(ID), "<身份证号_1>"),
        (id_card("99010120000229001").lower(), "<身份证号_1>"),
        ("\u200b".join(ID), "<身份证号_1>"),
        (f"核实{ID_WRONG}", "核实<身份证号_1>"),
        ("身份证 110101209913450011", "身份证 <身份证号_1>"),
        ("身份證號：110101900101001", "身份證號：<身份证号_1>"),
        ("身份证A123456(3)", "身份证<身份证号_1>"),
        # Cards: Luhn right, spaced, wrong but named, short but named.
        (f"刷了{CARD19}", "刷了<银行卡号_1>"),
        (f"卡号{SPACED_CARD}，", "卡号<银行卡号_1>，"),
        (wide(SPACED_CARD), "<银行卡号_1>"),
        (f"卡号：{CARD_WRONG}", "卡号：<银行卡号_1>"),
        ("储蓄卡 " + card("955880000000000001"), "储蓄卡 <银行卡号_1>"),
        ("卡号1234567890123", "卡号<银行卡号_1>"),
        (f"{CARD16} {MOBILE}", "<银行卡号_1> <手机号_1>"),
        ("账号是12345678901234", "账号是<账号_1>"),
        ("存折号 1234-5678-90", "存折号 <账号_1>"),
        ("帳號12345678", "帳號<账号_1>"),
        # Telephones.
        (MOBILE, "<手机号_1>"),
        (f"电话{MOBILE}一直打不通", "电话<手机号_1>一直打不通"),
        ("138-0000-1111", "<手机号_1>"),
        ("138 0000 1111", "<手机号_1>"),
        ("+86 13800001111", "<手机号_1>"),
        ("0086-13800001111", "<手机号_1>"),
        ("①③⑧⓪⓪⓪⓪①①①①", "<手机号_1>"),
        ("幺三八零零零零幺幺幺幺", "<手机号_1>"),
        ("1三八0000一一11", "<手机号_1>"),
        ("1\ufe0f\u20e33\ufe0f\u20e3800001111", "<手机号_1>"),
        ("14 13800001111", "14 <手机号_1>"),
        ("打我手機：9123 4567", "打我手機：<手机号_1>"),
        ("+852 9123 4567", "<手机号_1>"),
        ("座机010-60000001", "座机<座机_1>"),
        ("(0571)80000001转801", "<座机_1>"),
        ("联系电话057180000001", "联系电话<座机_1>"),
        ("固定电话：60000001", "固定电话：<座机_1>"),
        # The rest.
        ("邮箱ab.c_d@example.com。", "邮箱<邮箱_1>。"),
        ("ＡＢ＠ｅｘａｍｐｌｅ．ｃｏｍ", "<邮箱_1>"),
        ("abc艾特qq点com", "<邮箱_1>"),
        ("护照号E00000001", "护照号<护照号_1>"),
        ("EA0000001护照", "<护照号_1>护照"),
        ("回乡证H00000001", "回乡证<证件号_1>"),
        ("微信号：abc_12345", "微信号：<社交账号_1>"),
        ("加V:abcde88", "加V:<社交账号_1>"),
        ("微信abc12345", "微信<社交账号_1>"),
        ("QQ:123456789", "QQ:<社交账号_1>"),
        ("车牌京A·12345", "车牌<车牌_1>"),
        ("粤BD12345", "<车牌_1>"),
        ("保单号PDAA2024000000000001", "保单号<保单号_1>"),
        ("合同编号：JK-2024-000001", "合同编号：<合同号_1>"),
        ("合同编号：（2024）青借字第00001号", "合同编号：<合同号_1>"),
    ],
)
def test_personal_data(redactor: Redactor, text: str, redacted: str) -> None:
    assert redactor.redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        # Amounts, dates, counts, rates.
        "转了3000000元", "转账13800000000元", "￥13800000000", "13800000000.50", "余额1,380,000.00", "亏了138万",
        "2026-03-12", "2026年3月12日13点45分", "20260312142533", "19.7-19.10-20.04", "第3次投诉", "打了13次电话",
        "利率3.85%", "等了2小时30分", "共1380股", "分别扣了1388、2000、300元",
        # Orders, serial numbers, tickets, institutions.
        "订单号202603121234567890", f"订单号{CARD_WRONG}", f"流水号：{CARD16}", f"交易号{CARD19}",
        "订单号13800001111", "商户单号10001071012026031200112345678", "编号20241231134500123", "工单号12345678",
        "交易单号4200001234202603121234567890", "支付宝交易号2026031222001412345678901234", CARD_WRONG,
        "统一社会信用代码911101080000000001", "营业执照91110108MA01ABCD2X", "回执号A3402112024080071",
        "工号8866", "验证码482913", "发票号04412893", "邮编100000", "股票代码600000",
        # Public numbers.
        "95588", "打12378", "12363不接", "400-888-8888", "4008888888", "800-810-0000", "106900000000001发来短信",
        "客服电话021-60000001", "服务热线 0571-80000001", "QQ群12345人", "拨打110",
        # Parts of numbers, and numbers already masked.
        "尾号1234", "后四位5678", "138****1111", "6222 **** **** 0001", "110101********001X", "手机尾号1111",
        # Digits that belong to something longer or shorter.
        "1380000111", "138000011112", "a" * 30 + "1", "192.168.100.123", "版本13.2.1.14567890", "1" * 25,
        # Words near.
        "微信支付abcdef", "微信app打不开", "qq邮箱登录不了", "加微信被拒", "护照过期了", "保单2024年生效",
        "保单20240312生效", "保单号是多少", "合同2024年签订的第3号补充协议", "车厢E12345678", "苏E股票", "川A股12345",
        "账户20260312被冻结",
        "账户1000000元", "身份证过期", "身份证号不对", "手机银行打不开", "卡号输错3次", "@我一下", "a@b",
        # Dates spelled out.
        "二〇二六年三月十二日", "三十五万六千七百元", "一一九九二二", "一二三四五六七八九",
        "", " ", "\n", "服务态度很差", "Ok, thank you.",
    ],
)  # fmt: skip
def test_what_is_not_touched(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text).text == text
    assert redactor.analyze(text) == ()


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            f"{MOBILE}，138 0000 1111，+86{MOBILE}，１３８００００１１１１",
            "<手机号_1>，<手机号_1>，<手机号_1>，<手机号_1>",
        ),
        (f"{MOBILE}和13900001111", "<手机号_1>和<手机号_2>"),
        (f"卡号{CARD_WRONG}。后来{CARD_WRONG}被锁", "卡号<银行卡号_1>。后来<银行卡号_1>被锁"),
        (f"微信号{MOBILE}，电话{MOBILE}", "微信号<手机号_1>，电话<手机号_1>"),
        ("保单号PDAA20240001，PDAA20240001已退", "保单号<保单号_1>，<保单号_1>已退"),
        # Tags that stand in the text keep their numbers.
        (f"<手机号_1>和{MOBILE}", "<手机号_1>和<手机号_2>"),
        (f"<手机号_7>{MOBILE}", "<手机号_7><手机号_8>"),
    ],
)
def test_the_same_value_has_the_same_tag(redactor: Redactor, text: str, redacted: str) -> None:
    assert redactor.redact(text).text == redacted


def test_a_label_belongs_to_the_first_number_after_it(redactor: Redactor) -> None:
    text = f"卡号{CARD19}，1234567890123"
    assert redactor.redact(text).text == "卡号<银行卡号_1>，1234567890123"


def test_results_say_what_where_how_sure_and_why(redactor: Redactor) -> None:
    (found,) = redactor.analyze(f"身份证{ID}")
    assert found == RecognizerResult("CN_ID_CARD", 3, 21, 1.0, found.explanation)
    assert found.explanation == (
        "id_card: pattern '18 characters' 0.20, check character right +0.80, context '身份证' +0.35"
    )


def test_items_and_mask_keep_positions(redactor: Redactor) -> None:
    text = "我叫李小明，电话\u200b138\u200b0000 1111。\n邮箱a1@example.com"
    redacted = redactor.redact(text)
    assert redacted.mask() == "我叫□□□，电话\u200b" + "□" * 13 + "。\n邮箱" + "□" * 14
    assert len(redacted.mask()) == len(text)
    assert [(one.entity_type, text[one.start : one.end], one.placeholder) for one in redacted.items] == [
        ("PERSON", "李小明", "<姓名_1>"),
        ("PHONE_NUMBER", "138\u200b0000 1111", "<手机号_1>"),
        ("EMAIL_ADDRESS", "a1@example.com", "<邮箱_1>"),
    ]
    assert redacted.mask("*").count("*") == 3 + 13 + 14
    assert text not in repr(redacted)
    with pytest.raises(UsageError, match="legal: one character"):
        redacted.mask("")


@pytest.mark.parametrize(
    "piece",
    [
        "服务差。",
        f"{MOBILE}，",
        "1",
        "1 ",
        "路1号",
        "先生",
        "我叫",
        "一3 ",
        "1\u200b",
        "账号1 2",
        "张",
        "<手机号_1>",
        "1234-",
    ],
)
def test_time_is_linear_in_the_text(redactor: Redactor, piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        start = time.perf_counter()
        redactor.redact(text)
        return time.perf_counter() - start

    seconds(1_000)
    short, long = (min(seconds(length) for _ in range(3)) for length in (5_000, 50_000))
    # Quadratic time would be a hundredfold; half of that leaves room for a busy machine.
    assert long < max(50 * short, 0.5)
