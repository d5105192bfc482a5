"""The floor of the default rules: plain complaints that any desk expects to be right, and their near misses.

The rows were written from the label guide alone, without a look at the rules. A row is a text, a facet and
the label expected; ``no x`` stands for a flag or demand that must be absent. Within a block, the last rows are those
that look alike and are something else.
"""

from __future__ import annotations

import pytest

from triage.config import Config
from triage.config.references import legal_labels
from triage.pipeline import Triage
from triage.types import Decision

Row = tuple[str, str, str]


def judged(decision: Decision, facet: str, expected: str) -> str:
    """What the engine says, in the words of a row."""
    if facet in ("flags", "demands"):
        label = expected.removeprefix("no ")
        present = label in {tag.label for tag in getattr(decision, facet)}
        return label if present else f"no {label}"
    if facet == "sentiment" and expected != "neutral":  # only the sign counts
        return "negative" if decision.sentiment.score < 0 else "positive" if decision.sentiment.score > 0 else "zero"
    label = getattr(decision, facet).label
    return str(label)


BUSINESS: list[Row] = [
    # debit_card
    ("我的借记卡被取款机吞了，到现在也没还给我", "business", "debit_card"),
    ("储蓄卡突然被冻结，一分钱都取不出来", "business", "debit_card"),
    ("信用卡额度突然被降到一千", "business", "credit_card"),
    # credit_card
    ("信用卡分期手续费收得太高了", "business", "credit_card"),
    ("信用卡积分换的礼品一直没发", "business", "credit_card"),
    ("储蓄卡每年扣我十块钱年费", "business", "debit_card"),
    # loan
    ("房贷想提前还款，银行一直不给预约", "business", "loan"),
    ("消费贷利率太高，借一万要还一万五", "business", "loan"),
    ("催收天天给我爸妈打电话，催我还网贷", "business", "debt_collection"),
    # debt_collection
    ("催收每天打几十个电话，又骂人又威胁", "business", "debt_collection"),
    ("我又没欠钱，催收老打电话找我要同学的欠款", "business", "debt_collection"),
    ("贷款实在还不上了，想跟银行协商延期还款", "business", "loan"),
    # payment
    ("跨行转账两天了，对方还没收到", "business", "payment"),
    ("微信支付扣了钱，商家说没收到", "business", "payment"),
    ("往国外汇款五天了，那边还没收到美元", "business", "forex"),
    # savings
    ("定期存款到期了，利息给少了", "business", "savings"),
    ("父亲去世了，他存折里的存款银行不让取", "business", "savings"),
    ("买的银行理财到期了，本金还没兑付", "business", "wealth"),
    # rmb_management
    ("在柜台取的钱里有一张假币", "business", "rmb_management"),
    ("拿一袋硬币去换纸币，柜台说不收", "business", "rmb_management"),
    ("银行卡在取款机取钱，少吐了两百", "business", "debit_card"),
    # forex
    ("想换五千美元，银行说我购汇额度不够", "business", "forex"),
    ("结汇的汇率比网上公布的低", "business", "forex"),
    ("在国外刷信用卡，多收了我一笔手续费", "business", "credit_card"),
    # treasury
    ("在柜台买的储蓄国债到期了不给兑付", "business", "treasury"),
    ("税务局说退税已经办了，国库那边一直没退下来", "business", "treasury"),
    # precious_metal
    ("在银行买的金条，现在说不回购了", "business", "precious_metal"),
    ("积存金赎回的时候一直卖不出去", "business", "precious_metal"),
    ("办信用卡说送金币，到现在也没给", "business", "credit_card"),
    # wealth
    ("银行自己发的理财产品亏了一万", "business", "wealth"),
    ("你们行的净值型理财跌得太厉害了", "business", "wealth"),
    ("在银行买了代销的基金，亏了三万", "business", "agency"),
    # agency
    ("去银行存钱，被柜员忽悠买成了保险", "business", "agency"),
    ("银行代销的信托到期不兑付", "business", "agency"),
    # insurance_claim
    ("车险理赔拖了两个月还没赔下来", "business", "insurance_claim"),
    ("住院花了一万多，保险公司说是既往症拒赔", "business", "insurance_claim"),
    ("保险不想要了，退保只退一半保费", "business", "insurance_policy"),
    # insurance_policy
    ("保险公司业务员夸大收益，让我买了年金险", "business", "insurance_policy"),
    ("保单自动续费，从我卡里扣了三百块保费", "business", "insurance_policy"),
    ("出了车祸，保险公司不赔", "business", "insurance_claim"),
    # securities
    ("证券公司的佣金比开户时说的高", "business", "securities"),
    ("期货公司没通知我就强行平仓", "business", "securities"),
    ("银行客户经理推荐的基金亏惨了", "business", "agency"),
    # personal_info
    ("征信上有一笔逾期根本不是我的", "business", "personal_info"),
    ("有人冒用我的身份证开了一个银行账户", "business", "personal_info"),
    ("信用卡丢了，被人盗刷了两千", "business", "credit_card"),
    # other_intermediary
    ("保管箱租金一下子涨了一倍", "business", "other_intermediary"),
    ("开一张存款证明要收我二十块", "business", "other_intermediary"),
    ("定期存款的存单丢了，补一张要等七天", "business", "savings"),
    # other
    ("快递三天了还没送到，气死人", "business", "other"),
    ("大厅空调开得太冷了", "business", "other"),
    ("手机银行里查不到我的信用卡账单", "business", "credit_card"),
]

REASON: list[Row] = [
    # policy_process
    ("房贷提前还款要排队等三个月", "reason", "policy_process"),
    ("外地人办卡非要居住证，没有就不给办", "reason", "policy_process"),
    ("请问信用卡怎么注销", "reason", "policy_process"),
    ("信用卡注销的时候，客服态度很恶劣", "reason", "service_quality"),
    # pricing
    ("信用卡违约金收得太高了", "reason", "pricing"),
    ("跨行转账一笔收我五十块手续费", "reason", "pricing"),
    ("办卡的时候没人告诉我要收年费", "reason", "disclosure"),
    # facilities_system
    ("手机银行一直闪退，登录不上", "reason", "facilities_system"),
    ("取款机坏了半个月也没人修", "reason", "facilities_system"),
    ("手机银行转账收手续费，太贵了", "reason", "pricing"),
    # service_quality
    ("柜员态度很差，问一句就翻白眼", "reason", "service_quality"),
    ("客服电话打了半个小时没人接", "reason", "service_quality"),
    ("排队叫号的机器坏了，屏幕不亮", "reason", "facilities_system"),
    # collection_conduct
    ("催收把我通讯录里的人全打了一遍", "reason", "collection_conduct"),
    ("催收冒充法院的人吓唬我", "reason", "collection_conduct"),
    ("欠的钱我认，就想要个分期还款的方案", "reason", "policy_process"),
    # disclosure
    ("贷款利率调整了，没有通知我", "reason", "disclosure"),
    ("买理财的时候没人告诉我有封闭期", "reason", "disclosure"),
    ("提前还款的违约金收得太高", "reason", "pricing"),
    # fund_safety
    ("银行卡里的五千块被盗刷了", "reason", "fund_safety"),
    ("接到冒充客服的电话，被骗走两万", "reason", "fund_safety"),
    ("我自己输错账号转错了，想请银行帮忙追回", "reason", "policy_process"),
    # marketing
    ("业务员骗我说保本，买了才知道不保本", "reason", "marketing"),
    ("天天打推销电话让我办分期，烦死了", "reason", "marketing"),
    ("不办分期就不给我放款，逼着我办", "reason", "free_choice"),
    # info_security
    ("银行没经过我同意就查询我的征信", "reason", "info_security"),
    ("我的个人信息被银行员工卖给贷款中介了", "reason", "info_security"),
    ("逾期早就还清了，征信一直不更新", "reason", "policy_process"),
    # product_return
    ("买的理财亏了两万", "reason", "product_return"),
    ("理财到期收益比展示的少了一半", "reason", "product_return"),
    ("理财经理说肯定不会亏我才买的，骗人", "reason", "marketing"),
    # contract_terms
    ("保险公司拒赔，说不在保障范围", "reason", "contract_terms"),
    ("合同写的是固定利率，银行擅自改成浮动", "reason", "contract_terms"),
    ("买保险时没人跟我讲过有犹豫期", "reason", "disclosure"),
    # free_choice
    ("办贷款必须买一份保险，不买就不批", "reason", "free_choice"),
    ("没问过我就强制给我开通了短信提醒", "reason", "free_choice"),
    ("存钱的时候骗我说保险就是存款", "reason", "marketing"),
    # other
    ("哈哈哈哈哈", "reason", "other"),
    ("代开发票，加微信详谈", "reason", "other"),
]

CHANNEL: list[Row] = [
    ("在网点柜台取钱，柜员态度很差", "channel", "branch"),
    ("去你们支行大厅办业务，等了两个小时", "channel", "branch"),
    ("柜员机吐出来的钱少了一百", "channel", "self_service"),
    ("自助取款机把我的卡吞了", "channel", "self_service"),
    ("在ATM机上存钱，机器少算了一百", "channel", "self_service"),
    ("网上银行用电脑登录一直报错", "channel", "web"),
    ("网银转账页面打不开，U盾插上没反应", "channel", "web"),
    ("打客服热线，一直转不到人工", "channel", "phone"),
    ("推销电话一天打三个给我", "channel", "phone"),
    ("手机银行App转账一直转圈", "channel", "mobile_app"),
    ("手机银行升级以后打不开了", "channel", "mobile_app"),
    ("我手机丢了，想把银行卡挂失", "channel", "unknown"),
    ("微信公众号里绑卡一直失败", "channel", "social"),
    ("客户经理在微信上给我推荐理财，亏了", "channel", "social"),
    ("发短信让我点链接领积分，退订也没用", "channel", "sms"),
    ("卡被冻结了，不知道为什么", "channel", "unknown"),
    ("催收上门堵在我家门口", "channel", "other"),
    ("银行的人在街边摆摊拉人办卡", "channel", "other"),
    ("信用卡年费太贵了", "channel", "unknown"),
    ("理财亏了两万", "channel", "unknown"),
]

FLAGS: list[Row] = [
    ("我已经打12378投诉了，还没有结果", "flags", "regulator"),
    ("上周向金融监管总局提交了投诉材料", "flags", "regulator"),
    ("人民银行已经把我的投诉转给你们了", "flags", "regulator"),
    ("再不退钱我就打12378投诉", "flags", "no regulator"),
    ("我不是要投诉到银保监，只想问问进度", "flags", "no regulator"),
    ("电视台记者昨天已经来采访我了", "flags", "media"),
    ("我们正在抖音上直播维权", "flags", "media"),
    ("再不解决我就找媒体曝光你们", "flags", "no media"),
    ("我不想找媒体，就想把钱要回来", "flags", "no media"),
    ("我已经向法院起诉你们银行了", "flags", "litigation"),
    ("今天收到了银行寄来的律师函", "flags", "litigation"),
    ("不赔钱我就去法院起诉你们", "flags", "no litigation"),
    ("催收打电话吓唬我，说要起诉我", "flags", "no litigation"),
    ("我同事起诉过别家银行，我就是年费扣错了", "flags", "no litigation"),
    ("我们三十多个业主联名投诉", "flags", "group"),
    ("我们一共十五个客户都被骗了，一起来投诉", "flags", "group"),
    ("我们一家三口都用你们的卡，年费太贵", "flags", "no group"),
    ("上个月已经投诉过一次，没人管", "flags", "repeat"),
    ("这是我第三次投诉了，还是不解决", "flags", "repeat"),
    ("第五次问了，转账到底什么时候到账", "flags", "no repeat"),
    ("我妈今年78岁，被忽悠买了保险", "flags", "vulnerable"),
    ("我是残疾人，网点不让我进门办业务", "flags", "vulnerable"),
    ("我得了癌症在化疗，保险公司不赔", "flags", "vulnerable"),
    ("我今年三十五岁，被忽悠买了保险", "flags", "no vulnerable"),
    ("柜员说“只有老年人才用存折”，我才三十岁", "flags", "no vulnerable"),
    ("被催收逼得不想活了", "flags", "self_harm"),
    ("再不给我解决，我就从你们楼上跳下去", "flags", "self_harm"),
    ("排队排得我累死了", "flags", "no self_harm"),
    ("我不会寻死觅活的，就想讨个说法", "flags", "no self_harm"),
    ("再不还钱我就拿刀去你们网点砍人", "flags", "violence"),
    ("明天我带汽油去烧了你们支行", "flags", "violence"),
    ("手续费能不能砍一半", "flags", "no violence"),
    ("骗子正在电话里让我转账，我爸还在转", "flags", "fraud_in_progress"),
    ("我刚被骗，钱正在往外转，快帮我拦住", "flags", "fraud_in_progress"),
    ("去年被骗的两万已经追回来了", "flags", "no fraud_in_progress"),
    ("我没有被骗，是自己正常转账被拦了", "flags", "no fraud_in_progress"),
    ("你们银行真他妈恶心", "flags", "profanity"),
    ("一群傻逼，电话都不接", "flags", "profanity"),
    ("我朋友替他妈妈取钱，柜员不给办", "flags", "no profanity"),
    ("你们的服务真让人失望", "flags", "no profanity"),
    ("依据《消费者权益保护法》第二十六条，要求减免全部息费", "flags", "possible_agent"),
    ("利息太高了，能不能给我减免一点", "flags", "no possible_agent"),
]

URGENCY: list[Row] = [
    # critical, also in a calm voice
    ("骗子正在让我妈转账，快帮忙冻结", "urgency", "critical"),
    ("您好，我母亲此刻正按电话里自称公安的人的要求转账，麻烦看一下", "urgency", "critical"),
    ("我不想活了，今晚就从楼上跳下去", "urgency", "critical"),
    ("三十多个人现在堵在网点门口讨说法", "urgency", "critical"),
    ("孩子在抢救，等着交手术费，卡却被冻结了", "urgency", "critical"),
    ("再不还钱我就拿刀去网点砍人", "urgency", "critical"),
    ("你们网站上现在还能查到别人的身份证号", "urgency", "critical"),
    # its near misses
    ("我没有被骗，只是想问一下转账限额", "urgency", "low"),
    # high
    ("催收骚扰我的同事和领导", "urgency", "high"),
    ("上周已向金融监管总局投诉，信用卡年费还没退", "urgency", "high"),
    ("我已经起诉到法院，房贷多收的利息还没退", "urgency", "high"),
    ("两个月前存款被人转走二十万，一直没解决", "urgency", "high"),
    ("我妈78岁，被柜员忽悠把存款买成了保险", "urgency", "high"),
    ("明天就要过户了，贷款还没放下来", "urgency", "high"),
    ("保险公司拒赔，二十万医药费一分不给", "urgency", "high"),
    # its near misses
    ("再不解决我就投诉到银保监", "urgency", "normal"),
    ("卡被盗刷了三百块，没人管", "urgency", "normal"),
    ("卡被冻结了，里面有八万块取不出来", "urgency", "normal"),
    ("房贷三十万，利率比别人高", "urgency", "normal"),
    ("限你们三天之内把多扣的手续费退给我", "urgency", "normal"),
    ("手续费扣错了，真是气得想骂人，快退给我", "urgency", "normal"),
    ("说了八百遍了，手续费还是照扣", "urgency", "normal"),
    ("不是要投诉到银保监，就是手续费扣错了", "urgency", "normal"),
    # normal
    ("信用卡年费扣错了，要求退给我", "urgency", "normal"),
    ("气死我了！！！手续费多扣了我五块！！！", "urgency", "normal"),
    # low, also in a loud voice
    ("宣传单上写着“谨防诈骗”，建议字印大一点", "urgency", "low"),
    ("建议网点周末多开一个窗口", "urgency", "low"),
    ("请问信用卡怎么提高额度", "urgency", "low"),
    ("盗刷的事上个月已经处理好了，不用再跟进", "urgency", "low"),
    ("谢谢客服小王，耐心帮我解决了问题", "urgency", "low"),
    ("太好了！！！！钱终于退回来了！！！！", "urgency", "low"),
]

TIES: list[Row] = [
    ("欠信用卡的钱，催收天天打电话骂我", "business", "debt_collection"),
    ("欠信用卡的钱，催收天天打电话骂我", "reason", "collection_conduct"),
    ("信用卡逾期了，怎么还款", "business", "credit_card"),
    ("在借呗借了两万，利息太高了", "business", "loan"),
    ("支付宝付款扣了两次钱", "business", "payment"),
    ("银行柜员把别家公司的保险当存款卖给我", "business", "agency"),
    ("卡里的钱被盗刷，打客服还态度恶劣", "reason", "fund_safety"),
    ("打客服问年费，客服态度恶劣", "reason", "service_quality"),
    ("买保险时被骗，说交三年就能全拿回来", "reason", "marketing"),
    ("买保险时没人告诉我要交十年", "reason", "disclosure"),
    ("买保险是被逼的，不买不给贷款", "reason", "free_choice"),
    ("车险保费比去年贵了一倍", "reason", "pricing"),
    ("催收电话太多了，一天四十个", "reason", "collection_conduct"),
    ("贷款逾期了，请给我一个分期还款计划", "reason", "policy_process"),
]

HARD: list[Row] = [
    ("大堂经理小李服务特别热情，点赞", "reason", "service_quality"),
    ("请问房贷怎么提前还款", "business", "loan"),
    ("请问房贷怎么提前还款", "reason", "policy_process"),
    ("谢谢你们，信用卡的问题处理得很快", "business", "credit_card"),
    ("柜员态度太差了", "business", "other"),
    ("卡被吞了，银行让我等三天", "business", "debit_card"),
    ("卡里的钱被转走了，密码我谁也没告诉", "business", "debit_card"),
    ("被冒充公检法的骗子指挥着转了两万", "business", "payment"),
    ("被冒充公检法的骗子指挥着转了两万", "reason", "fund_safety"),
    ("别人冒用我的名字办了一笔网贷", "business", "personal_info"),
    ("别人冒用我的名字办了一笔网贷", "reason", "info_security"),
    ("我自己办了一笔网贷，利息太高", "business", "loan"),
    ("办房贷强制我买他们代销的保险", "reason", "free_choice"),
    ("办贷款非让我办一张信用卡，不办不放款", "business", "credit_card"),
    ("贷款还不上被银行起诉了，想协商分期", "reason", "policy_process"),
    ("被催收打爆电话，我不要协商，只要他们别打", "business", "debt_collection"),
    ("保险公司只赔了一半，少赔八千", "reason", "contract_terms"),
    ("转错账户了，银行不给我对方的联系方式", "reason", "policy_process"),
    ("孩子拿我手机打游戏花了五千，想退", "reason", "policy_process"),
    ("从你们取款机里取出一张假钱，怎么处理", "reason", "policy_process"),
    ("存款机吞了一千块，账上没有增加", "reason", "facilities_system"),
    ("卡里一千块被人取走了", "reason", "fund_safety"),
    ("银行把我的贷款资料卖给了中介", "business", "personal_info"),
    ("银行把我的贷款资料卖给了中介", "reason", "info_security"),
    ("车贷还清半年，征信还是显示未结清", "reason", "policy_process"),
    ("没经我授权，银行查了我三次征信", "reason", "info_security"),
    ("第三次打电话问理赔进度了", "flags", "no repeat"),
    ("我陪八十岁的奶奶逛街，路过网点，我自己的卡被吞了", "urgency", "normal"),
    ("我正跟前夫打官司，需要打印存款流水", "flags", "no litigation"),
]

DEPARTMENT: list[Row] = [
    ("信用卡被盗刷了三千", "department", "risk_fraud"),
    ("信用卡年费太贵了", "department", "card_center"),
    ("银行没经过我同意就查询我的征信", "department", "privacy_compliance"),
    ("催收天天打电话骂我", "department", "asset_recovery"),
    ("手机银行App一直闪退", "department", "digital_banking"),
    ("网点的取款机坏了", "department", "branch_ops"),
    ("网点柜员态度很差", "department", "branch_ops"),
    ("客服热线的人态度很差", "department", "customer_service"),
    ("房贷利率太高了", "department", "retail_lending"),
    ("转账手续费太贵了", "department", "payment_ops"),
    ("银行理财亏了一万", "department", "wealth_mgmt"),
    ("保险公司拒赔", "department", "insurance_service"),
    ("哈哈哈哈哈", "department", "consumer_protection"),
]

SENTIMENT: list[Row] = [
    ("柜员态度恶劣，太让人生气了", "sentiment", "negative"),
    ("垃圾银行，骗子公司", "sentiment", "negative"),
    ("非常感谢，客服特别耐心，给个好评", "sentiment", "positive"),
    ("问题解决得又快又好，很满意", "sentiment", "positive"),
    ("一点都不满意", "sentiment", "negative"),
    ("请问网点周六几点开门", "sentiment", "neutral"),
    # sarcasm
    ("真是太棒了，排三个小时就为盖一个章", "sentiment", "negative"),
    ("你们的服务可真好，电话永远打不通", "sentiment", "negative"),
    ("呵呵，好厉害的银行，存钱容易取钱难", "sentiment", "negative"),
    ("谢谢你们，帮我少跑了一趟", "sentiment", "positive"),
]

SPELLING: list[Row] = [
    # traditional, Cantonese
    ("信用卡年費太貴了", "business", "credit_card"),
    ("信用卡年費太貴了", "reason", "pricing"),
    ("櫃檯職員態度好差", "reason", "service_quality"),
    ("部櫃員機食咗我張卡", "business", "debit_card"),
    ("部櫃員機食咗我張卡", "channel", "self_service"),
    ("我張信用卡俾人盜刷咗五千蚊", "reason", "fund_safety"),
    ("保險公司唔肯賠錢", "business", "insurance_claim"),
    ("多謝晒，職員好有耐性", "sentiment", "positive"),
    ("點解要收我手續費，好貴", "reason", "pricing"),
    # evasive spellings
    ("我已经投诉到银保J了", "flags", "regulator"),
    ("再不退钱我就去银保J投诉", "flags", "no regulator"),
    ("v信支付扣了钱，商家没收到", "business", "payment"),
    ("客户经理加我v信推荐理财，亏了", "channel", "social"),
    ("你们银行真tmd恶心", "flags", "profanity"),
    # recognition errors
    ("真信上有一笔逾期不是我的", "business", "personal_info"),
    ("崔收天天打电话骂我", "business", "debt_collection"),
    ("崔收天天打电话骂我", "reason", "collection_conduct"),
    ("手鸡银行一直登录不上", "reason", "facilities_system"),
    ("手鸡银行一直登录不上", "channel", "mobile_app"),
    ("办信用卡送的手机壳是坏的", "channel", "unknown"),
    ("姓崔的柜员态度很好", "business", "other"),
]

DEMANDS: list[Row] = [
    ("把多扣的手续费退给我", "demands", "refund"),
    ("我不要退款，只要柜员给我道歉", "demands", "no refund"),
    ("要求赔偿我的损失", "demands", "compensation"),
    ("请查清楚为什么扣我钱", "demands", "explanation"),
    ("别再给我打推销电话了", "demands", "stop_contact"),
    ("请把我征信上错的逾期记录改过来", "demands", "credit_record_fix"),
    ("卡被冻结了，请尽快给我解冻", "demands", "unblock"),
    ("信用卡还不上了，想协商分期还款", "demands", "renegotiate"),
    ("我要退保", "demands", "cancel"),
    ("要求处罚那个柜员", "demands", "punish"),
    ("处理得很快，谢谢", "demands", "no speed_up"),
]


# Rows that the rules once got wrong.
LEARNT: list[Row] = [
    ("保险公司的业务员骗我说保险跟存款一样", "business", "insurance_policy"),
    ("天天收到你们银行的营销短信", "channel", "sms"),
    ("通过你们合作的第三方平台申请的借款，利息太高", "channel", "third_party"),
    ("理赔资料交了一个月，审核部门一直不批", "channel", "back_office"),
    ("房贷审批卡了四十天还没批下来", "channel", "back_office"),
    ("卡被后台风控系统限制交易了", "channel", "back_office"),
    ("理赔审核结论写的是不予赔付", "channel", "back_office"),
    ("客服说“你去银保监告好了”", "flags", "no regulator"),
    ("这是我第一次投诉", "flags", "no repeat"),
    ("我朋友打12378投诉过别的银行，我没有", "flags", "no regulator"),
    ("新闻里说有人正被骗转账，我只是问年费", "flags", "no fraud_in_progress"),
    ("去年卡被盗刷，银行已经全额赔付了，谢谢", "urgency", "low"),
    ("请问如果卡被盗刷，银行会赔吗", "urgency", "low"),
    ("我已经打12378投诉了", "urgency", "high"),
    ("记者昨天已经来采访过我", "urgency", "high"),
    ("卡被盗刷了八万，到现在没人管", "urgency", "high"),
    ("催收给我父母和同事打电话骚扰", "urgency", "high"),
    ("已经投诉三次了，还是没有解决", "urgency", "high"),
    ("要是贷款提前还了，利息怎么算", "urgency", "low"),
    ("求求你们了！！！！能不能出一个夜间模式！！！！", "urgency", "low"),
    ("房贷审批卡了四十天还没批下来", "business", "loan"),
    ("信用卡还清了，征信还显示逾期", "business", "personal_info"),
    ("保险公司的代理人把保险当存款卖给我", "business", "insurance_policy"),
    ("欠银行的钱还不上，能不能免掉罚息", "reason", "pricing"),
    ("多次投诉都没有结果", "urgency", "high"),
    ("催收说“我们已经报到人民银行了”", "flags", "no regulator"),
    ("定期存款利息给少了", "department", "branch_ops"),
    ("谢谢你们啊，让我白跑了五趟", "sentiment", "negative"),
    ("打極客服電話都冇人聽", "reason", "service_quality"),
    ("客户经理在🐧上给我推荐理财，亏了", "channel", "social"),
    ("cui收天天打电话骂人", "business", "debt_collection"),
    ("柜员必须给我道歉", "demands", "apology"),
    ("理赔拖太久了，请加快处理", "urgency", "normal"),
]


TABLES = {
    "businesses": BUSINESS,
    "reasons": REASON,
    "channels": CHANNEL,
    "flags": FLAGS,
    "urgencies": URGENCY,
    "tie_breaks": TIES,
    "hard_cases": HARD,
    "departments": DEPARTMENT,
    "sentiments": SENTIMENT,
    "scripts_and_spellings": SPELLING,
    "demands": DEMANDS,
    "learnt": LEARNT,
}


@pytest.mark.parametrize(
    ("text", "facet", "expected"),
    [pytest.param(*row, id=f"{table}-{row[0]}-{row[1]}") for table, rows in TABLES.items() for row in rows],
)
def test_plain_complaints(triage: Triage, text: str, facet: str, expected: str) -> None:
    assert judged(triage.predict(text), facet, expected) == expected


def test_rows_name_legal_labels_and_stand_once(config: Config) -> None:
    legal = {facet: set(labels) for facet, labels in legal_labels(config).items()}
    legal["department"] = {department.id for department in config.taxonomy.departments}
    rows = [row for table in TABLES.values() for row in table]
    assert [row for row in rows if row[2].removeprefix("no ") not in legal[row[1]]] == []
    assert len({(text, facet) for text, facet, _ in rows}) == len(rows)
