"""Families of stories that are written to one pattern, and damage to texts: invented by tests for tests and figures.

A family has a pattern whose slots are drawn for each story; two stories of one family are about different things.
"""

# ruff: noqa: E501 - the patterns are texts

import random
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """What all stories of a family share; `{name}` is filled from the pool or the range of that name."""

    name: str  # "match reports, en"
    text: str
    values: Mapping[str, Sequence[str] | range]


_TOWNS = [
    "Brinmouth",
    "Kolmar",
    "Tarnholm",
    "Veldhaven",
    "Oosterplein",
    "Grauwick",
    "Ashdell",
    "Morrowby",
    "Stenvik",
    "Quillon",
    "Harlock",
    "Dunmere",
]
_PEOPLE = [
    *("Ada Quennell", "Bram Tolliver", "Clara Osgood", "Dario Finch", "Edda Lorimer", "Felix Arkwright"),
    *("Greta Holloway", "Hugo Penrose", "Ilse Varga", "Jonas Marlow", "Kitty Abernathy", "Leo Strand"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_SKIES = [
    "clear and cold",
    "overcast with drizzle",
    "bright with a few clouds",
    "grey and windy",
    "wet all day",
    "foggy",
]
_WINDS = ["north", "south", "east", "west"]
_FIRMS = [
    "Alder Dredging",
    "Bexley Looms",
    "Corran Foods",
    "Dunmere Glass",
    "Elm Street Press",
    "Farrow Tools",
    "Gantry Lines",
]
_PARTIES = ["Harbour League", "Civic Union", "Greens", "Farmers' List", "Reform Bloc", "Workers' Front"]
_CAUSES = ["a burst main", "an overturned lorry", "a fallen tree", "a gas leak", "black ice", "a broken signal"]

_ENGLISH = [
    Pattern(
        "match reports, en",
        "{home} met {away} on the ground of the home side on {day}. The match ended {a} to {b}. It was the {nth} "
        "meeting of the two clubs this season. The referee showed {c} yellow cards and blew the final whistle after "
        "{d} minutes of added time.\n\nThe table, the list of scorers and the next fixtures of all clubs can be found "
        "on our results page, which is brought up to date every quarter of an hour on match days. Tickets for the "
        "next round go on sale on Monday at nine at the club shops and online.",
        {
            "home": _TOWNS[:6],
            "away": _TOWNS[6:],
            "day": ["Saturday", "Sunday"],
            "a": range(5),
            "b": range(5),
            "nth": _ORDINALS,
            "c": range(6),
            "d": range(1, 9),
        },
    ),
    Pattern(
        "weather bulletins, en",
        "The weather office in Veldhaven issues this bulletin every morning at seven. On {day} it will be {sky} along "
        "the coast, with a high of {a} degrees and a low of {b}. Wind from the {wind} at {c} kilometres an hour. "
        "Ferries to Oosterplein run to timetable unless harbour staff say otherwise.\n\nReaders are asked to secure "
        "garden furniture, to keep pets indoors during storms and to ring the free line of the harbour office when "
        "they see damage to the dykes. The bulletin is made together with the university and the coast guard, and is "
        "also read on the radio at eight, noon and six.",
        {"day": _DAYS, "sky": _SKIES, "a": range(8, 29), "b": range(-4, 8), "wind": _WINDS, "c": range(5, 60)},
    ),
    Pattern(
        "market tables, en",
        "Closing prices at the Kolmar produce exchange on {day}, in crowns a tonne:\n\nWheat {a}\nBarley {b}\n"
        "Oats {c}\nRye {d}\nMaize {e}\nRapeseed {f}\nPotatoes {g}\n\nPrices are those of the last trade before the "
        "bell. Deliveries are to the quay, weighed and sampled at the seller's cost. The exchange takes no "
        "responsibility for errors.",
        {"day": _DAYS, **{key: range(90 + 40 * at, 160 + 40 * at) for at, key in enumerate("abcdefg")}},
    ),
    Pattern(
        "obituaries, en",
        "{who} of {town} died on {day} at the age of {age}. Born in {birth}, the deceased had worked for {years} years "
        "as a {job} and leaves {left}. The service will be held at the chapel of rest at {hour} on {burial}, followed "
        "by a gathering in the parish room.\n\nThe family asks for no flowers, please. Donations may be sent to the "
        "hospice, whose address and account can be had from the undertaker. Notices are taken at the counter until "
        "noon of the day before they appear.",
        {
            "who": _PEOPLE,
            "town": _TOWNS,
            "day": _DAYS,
            "age": range(61, 99),
            "birth": _TOWNS,
            "years": range(12, 45),
            "job": ["glazier", "teacher", "baker", "nurse", "surveyor", "pilot", "joiner"],
            "left": ["two sons", "a daughter", "three grandchildren", "a brother", "four children"],
            "hour": range(9, 16),
            "burial": _DAYS,
        },
    ),
    Pattern(
        "election results, en",
        "With all districts counted, {party} won the seat of {town} with {a} percent of the vote, ahead of {second} "
        "with {b} percent. Turnout was {c} percent. {who} will represent the constituency in the county assembly.\n\n"
        "Results are provisional until the returning officer has signed them. Complaints may be made within ten days "
        "in writing to the election board, which publishes its rulings on the notice board of the county hall and "
        "sends a copy to every candidate.",
        {
            "party": _PARTIES[:3],
            "town": _TOWNS,
            "second": _PARTIES[3:],
            "a": range(38, 60),
            "b": range(12, 37),
            "c": range(48, 81),
            "who": _PEOPLE,
        },
    ),
    Pattern(
        "traffic notices, en",
        "Police closed the {road} near {town} on {day} morning after {cause}. Traffic was led through {detour} and "
        "moved again at {hour}.{minute}. Nobody was hurt.\n\nDrivers who saw what happened are asked to ring the "
        "station. The county keeps a map of closed roads, which is renewed every five minutes, and reads the longest "
        "delays on the radio at half past each hour. In winter it asks everybody to carry blankets and a shovel.",
        {
            "road": [f"B{number}" for number in (12, 27, 31, 44, 58, 63)],
            "town": _TOWNS[:6],
            "day": _DAYS,
            "cause": _CAUSES,
            "detour": _TOWNS[6:],
            "hour": range(7, 12),
            "minute": range(10, 60),
        },
    ),
    Pattern(
        "company results, en",
        "{firm} earned {a}.{b} million crowns in the {nth} quarter, against {c}.{d} million a year before. Sales came "
        "to {e} million. The board will propose a dividend of {f} crowns a share.\n\nThe figures have not been "
        "audited. Earnings are stated after tax and before extraordinary items, and sales without those of companies "
        "that were sold during the year. The full report is sent to shareholders two weeks before the general meeting.",
        {
            "firm": _FIRMS,
            "a": range(2, 40),
            "b": range(10),
            "nth": _ORDINALS[:4],
            "c": range(2, 40),
            "d": range(10),
            "e": range(100, 900),
            "f": range(1, 9),
        },
    ),
    Pattern(
        "earthquake bulletins, en",
        "An earthquake of magnitude {a}.{b} was felt in {town} at {hour}:{minute} on {day}. Its centre lay {km} "
        "kilometres {wind} of the town, at a depth of {deep} kilometres, the observatory said. No damage was reported."
        "\n\nThe observatory records some nine thousand tremors a year, most of which nobody feels. Whoever felt one "
        "can fill in the form on its pages; the answers help to draw the maps by which bridges and schools are built.",
        {
            "a": range(2, 6),
            "b": range(10),
            "town": _TOWNS,
            "hour": range(10, 24),
            "minute": range(10, 60),
            "day": _DAYS,
            "km": range(3, 60),
            "wind": _WINDS,
            "deep": range(4, 40),
        },
    ),
    Pattern(
        "event notices, en",
        "{who} will speak on {topic} at the library of {town} on {day} at {hour}. Admission is {a} crowns, and free "
        "for members.\n\nDoors open half an hour before. Seats cannot be reserved. The reading room stays closed that "
        "evening, and books that are due may be put through the slot beside the gate. The programme of the season "
        "lies at the desk.",
        {
            "who": _PEOPLE,
            "topic": ["old maps", "river birds", "the grain trade", "windmills", "lighthouses", "early films"],
            "town": _TOWNS,
            "day": _DAYS,
            "hour": range(5, 9),
            "a": range(2, 15),
        },
    ),
]

_ZH_TOWNS = ["临川", "白港", "青石", "云溪", "柳岸", "东陵", "望海", "石门", "北塘", "赤水湾"]
_ZH_PEOPLE = ["陈立言", "王思远", "李青禾", "赵明川", "孙若兰", "周子默", "吴清扬", "郑一鸣", "何雨桐", "高文远"]
_ZH_DAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
_ZH_SKIES = ["晴", "多云", "阴有小雨", "雷阵雨", "小雪", "大雾", "晴转多云"]
_ZH_WINDS = ["东", "南", "西", "北", "东南", "西北"]
_ZH_FIRMS = ["海川重工", "明河食品", "远山玻璃", "金桥物流", "蓝湾电器", "晨光纸业"]
_ZH_CAUSES = ["货车侧翻", "水管爆裂", "路面塌陷", "树木倒伏", "两车追尾", "燃气泄漏"]

_CHINESE = [
    Pattern(
        "match reports, zh",
        "{day}晚，{home}队在主场迎战{away}队，双方以{a}比{b}结束比赛。这是两队本赛季第{c}次交锋。裁判出示了{d}张黄牌，伤停补时{e}分钟。"
        "积分榜、射手榜和各队后续赛程可以在本报成绩页查看，比赛日每十五分钟更新一次。下一轮球票将于下周一上午九点在各俱乐部商店和网上开售，"
        "会员凭证可以提前一天购买。球迷入场时请出示有效证件，并配合安全检查。",
        {
            "day": _ZH_DAYS[5:],
            "home": _ZH_TOWNS[:5],
            "away": _ZH_TOWNS[5:],
            "a": range(5),
            "b": range(5),
            "c": range(1, 9),
            "d": range(6),
            "e": range(1, 9),
        },
    ),
    Pattern(
        "weather bulletins, zh",
        "{town}气象台今天早上发布天气预报：{day}白天{sky}，最高气温{a}度，{wind}风{c}级；夜间{night}，最低气温{b}度，相对湿度百分之{d}。"
        "气象台提醒市民，早晚温差较大，出门注意增减衣物，并携带雨具，驾车时减速慢行。沿海渡轮照常开行，如有变动以码头公告为准。"
        "本预报由气象台和大学联合制作，每天早中晚三次在广播中播出。",
        {
            "town": _ZH_TOWNS[:3],
            "day": _ZH_DAYS,
            "sky": _ZH_SKIES,
            "night": _ZH_SKIES,
            "a": range(12, 36),
            "b": range(-3, 12),
            "c": range(1, 8),
            "d": range(30, 95),
            "wind": _ZH_WINDS,
        },
    ),
    Pattern(
        "market tables, zh",
        "{day}收盘，{a}指数报{b}点，{c}百分之{d}.{e}，成交额{f}亿元。{g}板块领涨，{h}板块跌幅居前。北向资金净流入{i}亿元。"
        "以上数据由交易所提供，仅供参考，不构成投资建议。投资者据此操作，风险自担。市场有风险，入市需谨慎。"
        "更多行情请关注本报财经频道，每个交易日收盘后十分钟内更新。",
        {
            "day": _ZH_DAYS[:5],
            "a": ["沪港", "东海", "临川", "北方"],
            "b": range(2100, 3900),
            "c": ["上涨", "下跌"],
            "d": range(3),
            "e": range(10, 99),
            "f": range(3000, 9999),
            "g": ["半导体", "白酒", "煤炭", "银行", "光伏", "传媒"],
            "h": ["地产", "军工", "医药", "航运", "农业", "旅游"],
            "i": range(10, 99),
        },
    ),
    Pattern(
        "obituaries, zh",
        "{town}{job}{who}同志因病医治无效，于{a}月{b}日在{place}医院逝世，享年{c}岁。遗体告别仪式定于{d}日上午{e}时在殡仪馆举行。"
        "家属遵照逝者遗愿，丧事从简，谢绝花圈花篮，敬请各位亲友谅解。本报讣告栏目每日中午截稿，次日见报，办理者请携带有关证明到广告部登记，"
        "咨询电话见报头。",
        {
            "town": _ZH_TOWNS,
            "job": ["原教育局局长", "退休教师", "著名画家", "原水利工程师", "京剧演员"],
            "who": _ZH_PEOPLE,
            "a": range(1, 13),
            "b": range(1, 16),
            "place": _ZH_TOWNS,
            "c": range(61, 99),
            "d": range(16, 29),
            "e": range(8, 12),
        },
    ),
    Pattern(
        "traffic notices, zh",
        "{day}上午{a}时许，{town}{road}发生{cause}事故，交警到场后封闭了{b}条车道，车辆改由{detour}绕行，{c}分钟后恢复通行。"
        "事故未造成人员伤亡，原因正在调查。交管部门提醒驾驶人，请保持安全车距，不疲劳驾驶，遇拥堵时服从民警指挥。"
        "实时路况可以收听交通广播，或者在官方网站查询，每五分钟更新。",
        {
            "day": _ZH_DAYS,
            "a": range(6, 12),
            "town": _ZH_TOWNS[:5],
            "road": ["滨江大道", "环城北路", "解放桥", "迎宾路", "老城隧道"],
            "cause": _ZH_CAUSES,
            "b": range(1, 4),
            "detour": ["中山路", "建设街", "新华路", "文化巷"],
            "c": range(20, 90),
        },
    ),
    Pattern(
        "company results, zh",
        "{firm}公告，{a}年第{b}季度实现营业收入{c}.{d}亿元，同比{e}百分之{f}.{g}；归属于上市公司股东的净利润{h}.{i}亿元。"
        "以上数据未经审计，投资者应以公司正式披露的定期报告为准。公司董事会及全体董事保证公告内容不存在虚假记载、误导性陈述或者重大遗漏，"
        "并对其内容的真实性、准确性和完整性承担法律责任。",
        {
            "firm": _ZH_FIRMS,
            "a": range(2019, 2024),
            "b": range(1, 5),
            "c": range(3, 90),
            "d": range(10),
            "e": ["增长", "下降"],
            "f": range(1, 60),
            "g": range(10),
            "h": range(1, 20),
            "i": range(10),
        },
    ),
    Pattern(
        "earthquake bulletins, zh",
        "地震台网正式测定：{a}月{b}日{c}时{d}分在{town}（北纬{e}.{f}度，东经{g}.{h}度）发生{i}.{j}级地震，震源深度{k}千米。"
        "截至发稿时，未收到人员伤亡和财产损失的报告。台网每年记录地震约九千次，其中绝大多数无感。市民如有震感，可以在网站填写问卷，"
        "这些回答有助于绘制烈度图，为桥梁和学校的设防提供依据。",
        {
            "a": range(1, 13),
            "b": range(1, 29),
            "c": range(24),
            "d": range(60),
            "town": _ZH_TOWNS,
            "e": range(21, 44),
            "f": range(10, 99),
            "g": range(76, 120),
            "h": range(10, 99),
            "i": range(2, 6),
            "j": range(10),
            "k": range(5, 40),
        },
    ),
    Pattern(
        "job notices, zh",
        "{town}{firm}因业务发展需要，现招聘{job}{a}名，月薪{b}元起，要求年龄{c}岁以下，有{d}年以上相关经验。报名截止{e}月{f}日，联系人{who}。"
        "公司按规定缴纳社会保险和住房公积金，提供工作餐和班车。应聘者请携带身份证、学历证书原件和近期照片到人力资源部登记，"
        "面试时间另行通知。所提供材料恕不退还。",
        {
            "town": _ZH_TOWNS,
            "firm": _ZH_FIRMS,
            "job": ["电工", "会计", "焊工", "司机", "仓管员", "质检员"],
            "a": range(1, 9),
            "b": range(4000, 9000, 500),
            "c": range(30, 50),
            "d": range(1, 6),
            "e": range(1, 13),
            "f": range(1, 29),
            "who": _ZH_PEOPLE,
        },
    ),
    Pattern(
        "court notices, zh",
        "{town}人民法院{day}公开开庭审理了{who}{crime}一案。公诉机关指控，被告人先后作案{a}起，涉案金额{b}万元。法院一审判处{who}有期徒刑{c}年，"
        "并处罚金{d}万元。被告人当庭表示{end}。庭审通过网络直播，人大代表、政协委员和部分市民旁听。法院提醒公众提高防范意识，"
        "遇到可疑情况及时报警，不要轻易向陌生人转账。",
        {
            "town": _ZH_TOWNS,
            "day": _ZH_DAYS,
            "who": _ZH_PEOPLE,
            "crime": ["诈骗", "盗窃", "受贿", "职务侵占"],
            "a": range(2, 30),
            "b": range(10, 300),
            "c": range(1, 15),
            "d": range(1, 50),
            "end": ["服从判决", "提出上诉"],
        },
    ),
]

_DE_TOWNS = [
    "Grünau",
    "Altenried",
    "Wessling",
    "Marbeck",
    "Torfhausen",
    "Kaltbrunn",
    "Rehfeld",
    "Osterwiek",
    "Lindmoor",
    "Seehagen",
]
_DE_PEOPLE = [
    "Anke Vollmer",
    "Bernd Riedl",
    "Carla Nissen",
    "Dieter Hagen",
    "Elke Sandmann",
    "Frieda Kolb",
    "Götz Ahrens",
]
_DE_DAYS = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]

_GERMAN = [
    Pattern(
        "match reports, de",
        "Der SV {home} hat am {day} gegen den FC {away} mit {a}:{b} gespielt. Das Tor des Tages schoss {who} in der "
        "{c}. Minute. {d} Zuschauer sahen die Begegnung.\n\nTabelle, Torschützen und die nächsten Spiele aller Vereine "
        "stehen auf unserer Ergebnisseite, die an Spieltagen jede Viertelstunde erneuert wird. Karten für die nächste "
        "Runde gibt es von Montag an in den Geschäftsstellen der Vereine.",
        {
            "home": _DE_TOWNS[:5],
            "away": _DE_TOWNS[5:],
            "day": _DE_DAYS[5:],
            "a": range(5),
            "b": range(5),
            "who": _DE_PEOPLE,
            "c": range(3, 91),
            "d": range(80, 900),
        },
    ),
    Pattern(
        "police notices, de",
        "In {town} ist am {day} gegen {a} Uhr {what} gestohlen worden. Den Schaden schätzt die Polizei auf {b} Euro. "
        "Der Täter soll etwa {c} Jahre alt sein und {coat} getragen haben.\n\nWer etwas gesehen hat, wird gebeten, sich "
        "bei der Wache zu melden. Die Polizei rät, Fenster und Türen auch bei kurzer Abwesenheit zu schließen, "
        "Wertsachen nicht im Auto zu lassen und bei Verdacht sofort den Notruf zu wählen.",
        {
            "town": _DE_TOWNS,
            "day": _DE_DAYS,
            "a": range(24),
            "what": ["ein Fahrrad", "ein Anhänger", "ein Rasenmäher", "eine Geige", "ein Motorroller"],
            "b": range(200, 4000, 50),
            "c": range(18, 60),
            "coat": ["eine rote Jacke", "einen grauen Mantel", "eine Mütze", "einen blauen Pullover"],
        },
    ),
    Pattern(
        "market notices, de",
        "An der Börse von {town} ist der Index am {day} um {a},{b} Prozent auf {c} Punkte {way}. Gefragt waren Papiere "
        "von {one}, während {other} nachgab. Der Umsatz lag bei {d} Millionen.\n\nAlle Angaben sind ohne Gewähr. Die "
        "Kurse werden mit einer Verzögerung von fünfzehn Minuten gezeigt und stammen von den Maklern des Hauses. Eine "
        "Empfehlung zum Kauf oder Verkauf ist damit nicht verbunden.",
        {
            "town": _DE_TOWNS[:4],
            "day": _DE_DAYS[:5],
            "a": range(3),
            "b": range(10, 99),
            "c": range(4000, 9000),
            "way": ["gestiegen", "gefallen"],
            "one": ["Nordstahl", "Auenbräu", "Kaltbrunner Glas"],
            "other": ["Rehfelder Mühlen", "Seehagen Werft", "Lindmoor Torf"],
            "d": range(20, 400),
        },
    ),
    Pattern(
        "event notices, de",
        "{who} liest am {day} um {a} Uhr in der Bücherei {town} aus dem Buch {book}. Der Eintritt kostet {b} Euro.\n\n"
        "Einlass ist eine halbe Stunde vorher, Plätze können nicht vorbestellt werden. Der Lesesaal bleibt an diesem "
        "Abend geschlossen, fällige Bücher dürfen durch die Klappe neben der Pforte geworfen werden. Das Programm des "
        "Winters liegt an der Theke aus.",
        {
            "who": _DE_PEOPLE,
            "day": _DE_DAYS,
            "a": range(16, 21),
            "town": _DE_TOWNS,
            "book": ["Salz und Schnee", "Die Fähre", "Im Moor", "Das leere Haus", "Sieben Brücken"],
            "b": range(3, 15),
        },
    ),
]

_ARABIC = [
    Pattern(
        "weather bulletins, ar",
        "أعلنت هيئة الأرصاد أن الطقس يوم {day} سيكون {sky} في مدينة {town}، وتبلغ درجة الحرارة العظمى {a} درجة والصغرى {b} درجة، "
        "وتهب رياح {wind} بسرعة {c} كيلومترا في الساعة. وتنصح الهيئة المواطنين بتوخي الحذر عند القيادة وحمل المظلات وارتداء الملابس "
        "المناسبة، وتصدر النشرة كل صباح بالتعاون مع الجامعة وخفر السواحل وتذاع ثلاث مرات يوميا.",
        {
            "day": ["الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"],
            "sky": ["غائما", "صافيا", "ممطرا", "مغبرا", "حارا"],
            "town": ["النخيل", "الواحة", "المرسى", "السدرة", "الربوة"],
            "a": range(20, 45),
            "b": range(5, 20),
            "wind": ["شمالية", "جنوبية", "شرقية", "غربية"],
            "c": range(5, 60),
        },
    ),
]

PATTERNS = (*_ENGLISH, *_CHINESE, *_GERMAN, *_ARABIC)


def stories(pattern: Pattern, count: int, seed: int = 0) -> list[str]:
    """Return so many stories of a family, no two with the same values in all slots."""
    chance = random.Random(f"{pattern.name} {seed}")  # noqa: S311  not a secret
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {name: str(chance.choice(values)) for name, values in pattern.values.items()}
        found[pattern.text.format(**drawn)] = None
    return list(found)


def damaged(text: str, rate: float, seed: object) -> str:
    """Return a text of which so many characters were substituted, deleted, or had another put before them."""
    chance = random.Random(f"{seed}")  # noqa: S311
    letters = {char for char in text if char.isalnum()}
    others = sorted(letters | {*string.ascii_lowercase} if text.isascii() else letters)
    found = []
    for char in text:
        if chance.random() >= rate:
            found.append(char)
            continue
        way = chance.randrange(3)
        found.append(("", chance.choice(others), chance.choice(others) + char)[way])
    return "".join(found)


def _first_half(text: str) -> str:
    return text[: len(text) // 2]


def _second_half(text: str) -> str:
    return text[len(text) // 2 :]


def _middle(text: str) -> str:
    return text[len(text) // 4 : len(text) // 4 + len(text) // 2]


CUTS: Mapping[str, Callable[[str], str]] = {"first half": _first_half, "second half": _second_half, "middle": _middle}
