from __future__ import annotations

import pytest

from triage.redact import Redactor
from triage.redact.fold import fold
from triage.redact.names import Names
from triage.redact.schema import RedactionSpec


@pytest.fixture(scope="module")
def names(spec: RedactionSpec) -> Names:
    return Names(spec.names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("姓名：|李小明", "李小明"),
        ("姓名：|李明，男", "李明"),
        ("联系人：|陳大文，電話", "陳大文"),
        ("户名：|欧阳小明 账号", "欧阳小明"),
        ("户名:|阿依古丽·买买提", "阿依古丽·买买提"),
        ("姓名：|陈王小明，", "陈王小明"),
        ("姓名：|李明已提交材料", "李明"),
        ("持卡人：|王芳昨天挂失", "王芳"),
        ("姓名：|漆伟", "漆伟"),
        ("姓名：|高兴。", "高兴"),
        ("姓名：|某某银行", None),
        ("联系人：|同上", None),
        ("联系人：|无", None),
        ("姓名：|保密", None),
        ("客户：|你们客服", None),
        ("客户：|您好", None),
        ("用户：|王经理", None),
        ("投诉人：|张某", None),
        ("申请人：|应当本人到场", None),
    ],
)
def test_after_a_label(names: Names, text: str, name: str | None) -> None:
    label, rest = text.split("|")
    span = names.after_label(fold(label + rest), len(label))
    assert (None if span is None else (label + rest)[slice(*span)]) == name


@pytest.mark.parametrize(
    ("text", "names_in_it"),
    [
        ("我叫李明，要投诉", ["李明"]),
        ("我叫李明在贵行办了卡", ["李明"]),
        ("我叫李小明昨天去网点", ["李小明"]),
        ("我叫欧阳小明。", ["欧阳小明"]),
        ("我叫阿依古丽·买买提，", ["阿依古丽·买买提"]),
        ("本人王芳，身份证丢失", ["王芳"]),
        ("本人于海涛，于昨日办理", ["于海涛"]),
        ("本人王强于2024年办理", ["王强"]),
        ("联系人张伟 请回电", ["张伟"]),
        ("我是李小明，要投诉", ["李小明"]),
        ("柜员王丽丽态度恶劣", ["王丽丽"]),
        ("張先生和李小明女士都在", ["張", "李小明"]),
        ("客户方志强先生来电", ["方志强"]),
        ("反映给王芳女士", ["王芳"]),
        ("欧阳女士来电", ["欧阳"]),
        ("录到了方先生名下", ["方"]),
        ("投诉人俞先生在网点", ["俞"]),
        ("我叫李小明我是王芳", ["李小明", "王芳"]),
        # No names.
        ("我叫停了这笔交易", []),
        ("我叫他们马上处理", []),
        ("我叫车去了网点", []),
        ("本人要求退款", []),
        ("本人于2024年3月办理信用卡", []),
        ("本人于昨日在网点办理", []),
        ("本人曾多次投诉", []),
        ("本人曾投诉，没有结果", []),
        ("本人高度重视此事", []),
        ("本人应该收到短信", []),
        ("本人白天上班，", []),
        ("本人和家人，都不知情", []),
        ("本人马上，就要还款", []),
        ("本人金额较大", []),
        ("我是老客户", []),
        ("我是江苏的客户", []),
        ("我是金卡，为什么排队", []),
        ("我是平安的客户，", []),
        ("我是方便的时候去的", []),
        ("我是单身，没有房", []),
        ("客户经理高度敷衍", []),
        ("客户经理全程没有解释", []),
        ("柜员马上，就把窗口关了", []),
        ("主任温和，但是不解决", []),
        ("我先生不知道这件事", []),
        ("和先生吵了一架", []),
        ("各位先生，女士优先", []),
        ("导游小姐很好", []),
        ("老先生一晚没睡，该女士也是", []),
        ("王经理和李行长都不管", []),
        ("张某、李××与我无关", []),
        ("叫高管出来，叫安全员", []),
    ],
)
def test_names_in_sentences(redactor: Redactor, text: str, names_in_it: list[str]) -> None:
    assert [text[one.start : one.end] for one in redactor.analyze(text)] == names_in_it


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("我叫李小明。李小明的卡丢了。", "我叫<姓名_1>。<姓名_1>的卡丢了。"),
        ("张先生说张女士知道，张先生走了", "<姓名_1>先生说<姓名_2>女士知道，<姓名_1>先生走了"),
        ("录入方先生时，方先生不在", "录入<姓名_1>先生时，<姓名_1>先生不在"),
    ],
)
def test_a_name_that_was_introduced_is_found_again(redactor: Redactor, text: str, redacted: str) -> None:
    assert redactor.redact(text).text == redacted
