"""Classifies a line by itself, by its form and by the words of page furniture in many languages."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum, auto

MEASURED = 400
"""Characters of a line that are looked at; a longer line is simply long."""

_SHORT = 70
"""Columns; names of boxes, buttons and dates are not longer."""


class Look(Enum):
    """What a line seems to be, seen by itself."""

    PROSE = auto()  # a sentence or more
    QUIP = auto()  # ends as a sentence does, and is short
    PHRASE = auto()  # not a sentence: a headline, a heading, a link
    DATED = auto()  # a date, a time, a byline
    ASIDE = auto()  # a button, the mark of an advertisement, a credit
    CLOSING = auto()  # the name of a box after an article, or a legal line
    NOTICE = auto()  # a sentence in which the site speaks about itself


SENTENCES = frozenset((Look.PROSE, Look.QUIP, Look.NOTICE))

# One name per line would be clearer but five times as long. A name with "*" may be followed by more words.
_CLOSING = """
    related|related articles*|related stories*|related posts*|related topics*|related content*|more from*|more on this*
    more stories*|read next*|read more|most read*|most popular|most viewed|trending|trending now|popular|recommended
    recommended for*|recommended stories*|you may also*|you might also*|up next|latest news*|latest stories*
    top stories|comments|comment|leave a comment*|leave a reply*|join the conversation*|show comments|view comments
    about the author*|about us|tags|topics|filed under*|share this*|share on*|sign up|sign up for*|sign up to*
    subscribe|subscribe to*|subscribe now*|newsletter|newsletters|newsletter abonnieren*|follow us*|terms of use
    terms of service|privacy policy|contact us|our partners|mehr zum*|mehr zu|mehr aus*|mehr von*|lesen sie auch*
    lesen sie mehr*|auch interessant*|das könnte sie*|das könnte dich*|weitere artikel*|weitere meldungen*
    weitere themen*|weitere nachrichten*|weitere beiträge*|meistgelesen*|meist gelesen*|kommentare*|kommentar
    schlagworte*|themen|zur startseite|startseite|impressum|quelle|quelle:*|quellen:*|quellen|zum thema|über den autor*
    über die autorin*|zur person|artikel teilen|beitrag teilen|teilen|ähnliche artikel*|ähnliche themen*
    passend zum thema*|empfohlen|empfehlungen*|das beste aus*|à lire aussi*|lire aussi*|sur le même sujet*|les plus lus
    commentaires|partager|nos articles*|à ne pas manquer*|mots-clés|te puede interesar*|le puede interesar*
    más noticias*|lo más leído*|comentarios|compartir|noticias relacionadas*|etiquetas|archivado en*|leggi anche*
    articoli correlati*|i più letti|commenti|condividi|leia também*|mais lidas*|veja também*|leia mais*|comentários
    lees ook*|meer over*|reacties|читайте также*|по теме|материалы по теме*|комментарии|相关推荐*|热点推荐*|相关阅读*
    相关新闻*|相关文章*|相关链接*|责任编辑*|责编*|编辑:*|编辑：*|推荐阅读*|延伸阅读*|热门推荐*|热门新闻*|热门文章*
    猜你喜欢*|为你推荐*|精彩推荐*|大家都在看*|网友评论*|评论|发表评论*|举报*|更多|查看更多*|上一篇*|下一篇*|打开app*
    關鍵字*|延伸閱讀*|相關新聞*|推薦閱讀*|関連記事*|関連リンク*|関連キーワード*|関連ニュース*|あわせて読みたい*
    おすすめ|おすすめ記事*|おすすめの記事*|ランキング|アクセスランキング*|コメント|コメント欄*|コメントを*|この記事を*
    人気記事*|新着記事*|最新記事*|もっと見る*|관련기사*|관련 기사*|댓글*|많이 본*|추천|추천기사*|اقرأ أيضا*
    مواضيع ذات صلة*|الأكثر قراءة*|التعليقات
    editor's picks|editors' picks|latest headlines|more headlines*|from around the web|sponsored stories|in other news
    report an error*|report a typo*|join the discussion*|house rules|terms and conditions|terms & conditions|careers
    advertise with us|previous article|next article|previous post|next post|stay informed|get the latest*|more news
    do you have a story*|got a story*|have a news tip*|download the app*|related topics|read also|popular stories
    à lire également*|dernières nouvelles|en continu|infolettre*|inscrivez-vous*|abonnez-vous*|nous joindre
    conditions d'utilisation|conditions d’utilisation|politique de confidentialité
    plus d'articles*|recommandé pour vous*
    vous aimerez aussi*|les plus populaires|signaler une erreur*|aviso legal|quiénes somos|últimas noticias|lees meer
    gewildste*|verwante*|teken in|популярное|последние новости|новости партнеров|главные новости
    关键词*|分享让更多人看到|今日热点|热点排行|精彩图片|图片新闻|最新文章|为您推荐*|猜您喜欢*|大家还*|往期回顾*|新闻排行*
    点击排行*|阅读排行*|编辑推荐*|头条推荐|返回首页|返回顶部|关于我们*|联系我们*|网站声明|网站地图|京icp*|京公网*|沪icp*
    互联网新闻信息*|增值电信*|信息网络传播*|广播电视节目*|违法和不良信息*|举报电话*|【责任编辑*|【编辑*|相关专题|热门标签
    この記事を書いた人|あなたにおすすめ*|注目ニュース|新着ニュース|ピックアップ|会社概要|お問い合わせ|利用規約
    プライバシーポリシー|広告掲載*|サイトマップ
"""
_LEGAL = """
    copyright|copyright ©*|copyright (c)*|copyright 1*|copyright 2*|copyright:*|©*|(c) 19*|(c) 20*|all rights reserved*
    disclaimer|disclaimer:*|notice:*|alle rechte vorbehalten*|tous droits réservés*|todos los derechos*
    tutti i diritti*|todos os direitos*|все права защищены*|特别声明*|免责声明*|版权声明*|版权所有*|版权归*|声明:*
    声明：*|無断転載*|無断複製*|著作権について*|무단전재*|무단 전재*|저작권자*
"""
_ASIDE = """
    advertisement|ad|ads|ads by*|sponsored|sponsored content*|sponsored by*|promoted|story continues below*
    article continues below*|continue reading*|scroll to continue*|share|save|print|listen|watch|play|close|loading
    email|facebook|twitter|whatsapp|copy link*|skip to*|skip advert*|click here*|log in*|sign in*|register|menu|search
    search for|view gallery|image credit*|photo credit*|photo:*|photos:*|image:*|images:*|image source*|file photo*
    stock photo*|stock image*|handout photo*|courtesy photo*|representative image*|representational image*
    illustrative image*|credit:*|getty images*|ai generated image*|ai generated photo*|ai generated illustration*
    image generated by ai*|ai-generated image*|ai生成*|to view this video*|this video*|by clicking*|read:*|read also*
    also read*|see also*|watch:*|watch now*|watch live*|now reading|have an account*|anzeige|werbung|foto:*|fotos:*
    bild:*|bilder:*|bildquelle*|grafik:*|drucken|merken|speichern|anhören|vorlesen|artikel anhören|schließen|anmelden
    registrieren|suche|suche nach*|folgen|externer inhalt*|empfohlener externer*|ich bin damit einverstanden*|video:*
    podcast:*|lesezeit*|symbolbild*|archivbild*|detailansicht öffnen|picture alliance*|publicité|photo :*|crédit photo*
    crédits photo*|lire la suite*|s'abonner*|se connecter|publicidad|suscríbete*|iniciar sesión|pubblicità|publicidade
    реклама|фото:*|advertentie|广告|廣告|图片来源*|图源*|图:*|图：*|图为*|视频加载*|分享|分享至*|分享到*|扫码*|下载app*
    打开|登录|注册|收藏|点赞|広告|写真|画像|ログイン*|会員登録*|新規登録|検索|印刷*|シェア*|ツイート*|リンクをコピー*
    read more:*|also read:*|listen to this article*|story continues*|newsletter sign-up|gift this article*
    écouter*|temps de lecture*|enregistrer|publicité -*|escuchar*|поделиться|打印|字号*|纠错*|【纠错】*|原标题*|扫一扫*
    手机看新闻*|微信扫*|微博|微信|朋友圈|qq空间|复制链接|点击查看*|关注|有料記事|会員限定*|ブックマーク*|この記事は有料*
    article content|back to video|author of the article*|breadcrumb trail links|recommended from editorial*|browse here*
    this advertisement*|advertisement -*|article continues after*|the story continues*|thanks for signing up*
    a welcome email*|the next issue of*|we encountered an issue*|interested in more newsletters*|we apologize*
    contenu de l'article|contenu de l’article|la suite après*|suite de l'article*|suite de l’article*|à voir aussi*
    weiterlesen nach*|nach der werbung*|nach der anzeige*|artikel wird nach*|continúa después*|sigue leyendo*
    contenido patrocinado|continua a leggere*|continua dopo*|continua após*|continua depois*|advertensie*
    storie gaan voort*|luister na*|スポンサーリンク|記事の続き*|記事は広告の後*|文章继续*|继续阅读*
    拡大*|【写真】*|【動画】*|保存|フォロー*|광고|사진=*|구독|공유*|إعلان
"""

# A notice speaks about the site's own business, and to its reader; a quotation in an article may do both.
_BUSINESS = re.compile(
    r"cookie|privacy (?:policy|notice)|terms of (?:use|service)|newsletter|subscri|sign(?:ing)? up|log ?in\b|"
    r"\bregistering\b|junk folder|welcome email|"
    r"javascript|\b(?:inbox|e-?mail address|browser|ad ?blocker)\b|advertis|personal data|journalism|"
    r"datenschutz|einwilligung|nutzungsbedingungen|abonn|anmeld|registrier|e-mail-adresse|externe[nr]? inhalt|"
    r"confidentialité|données personnelles|abonnez|suscr[ií]b|privacidad|datos personales|assine|реклам",
    re.IGNORECASE,
)
_READER = re.compile(
    r"\b(?:[Yy]ou|[Yy]our|[Oo]ur|us|(?<=[a-zäöüß,] )(?:Sie|Ihre?[nrm]?)|[Uu]ns|[Uu]nsere?[nrm]?|[Vv]ous|[Vv]otre|"
    r"[Vv]os|[Nn]os|[Uu]sted|[Tt]us?|[Vv]ocê|[Вв]ы|[Вв]ас|[Вв]аш\w*)\b"
)
_NOTICE = re.compile(
    r"本平台|本网|本站|本报所有|书面授权|公众号|客户端下载|自媒体|信息存储|转载请|未经授权|版权归|"
    r"無断転載|無断複製|会員登録|会員限定|ログイン|利用規約|무단 ?전재|회원가입"
)
_QUOTED = re.compile(r"[\"“”„»«「『]")
_CREDIT = re.compile(
    r"(?:\([^()]{0,60}(?:Photo|Foto|photo|Images|Archivbild|Symbolbild|\b(?:AP|AFP|Reuters|dpa|Getty)\b)[^()]{0,60}\)|"
    r"(?:Photo|Foto|Bild|Image|Quelle|Credit)s?(?: by)?: .{2,60}|© ?.{2,60}|"
    r"/ ?(?:dpa|AFP|AP|Reuters|Getty|imago|Shutterstock)\b.{0,30}|"
    r"Getty Images|撮影）|提供）|共同）|ロイター）|\s\S{2,6}[摄攝]|[/／](?:摄|摄影))\W*$"
)
_PHOTO_CREDIT = re.compile(r"\([^()]{0,60}(?:Photo|Foto|photo|Images|Archivbild|Symbolbild)[^()]{0,60}\)\W*$")
_PLACEHOLDER = re.compile(
    r"\[?[\w %-]{1,100}\.(?:jpe?g|png|gif|svg|webp)\]?|\[(?:image|inline|link|iframe)\b.{0,80}\]|\(button\).*",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d|\d{1,2}:\d\d|\d[年月]|[^\W\d_]{3,10}\.? \d{1,2},? \d{4}|"
    r"\d{1,2}\.? (?:de )?[^\W\d_]{3,10}\.? (?:de )?\d{4}"
)
_LABEL = re.compile(
    r"(?:published|updated|posted|last updated|veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado)\b|"
    r"stand:|text:|автор|作者|记者|文/|文｜|来源|发布|更新|公開",
    re.IGNORECASE,
)
_CREDITED = re.compile(r"(?:[Bb]y|BY|[Vv]on|VON|[Pp]ar|[Pp]or)\b:?(?:(?: (?:and|und|et|y|&|[A-ZÀ-Þ][\w.'’,-]*)){2,6})?")
_INNER_STOP = re.compile(r"[.!?…,;:。！？؟।、，；：]")


def look_of(text: str, columns: int, stopped: bool) -> Look:
    """Return the look of a normalised line; `stopped` tells whether it ends as a sentence does."""
    name = _beginning(text)
    if _is_listed(name, _LEGAL_NAMES) or (
        columns <= _SHORT and not (stopped and columns > 40) and _is_listed(name, _CLOSING_NAMES)
    ):
        return Look.CLOSING
    if columns <= _SHORT and (look := _short_look(text, name, columns, stopped)):
        return look
    if (_CREDIT if columns <= 2 * _SHORT else _PHOTO_CREDIT).search(text[-120:]):
        return Look.ASIDE
    if stopped and columns < 40:
        return Look.QUIP
    if not stopped and (columns < 100 or len(_INNER_STOP.findall(text[:MEASURED])) * 100 < columns):
        return Look.PHRASE
    return Look.NOTICE if len(text) < 500 and _is_notice(text) else Look.PROSE


def _is_notice(text: str) -> bool:
    if _QUOTED.search(text):
        return False
    return bool(_NOTICE.search(text) or (_BUSINESS.search(text) and _READER.search(text)))


def _short_look(text: str, name: str, columns: int, stopped: bool) -> Look | None:
    if _PLACEHOLDER.fullmatch(text) or (not (stopped and columns > 50) and _is_listed(name, _ASIDE_NAMES)):
        return Look.ASIDE
    if not stopped and (_LABEL.match(text) or _CREDITED.fullmatch(text)):
        return Look.DATED
    digits = sum(char.isdigit() for char in text)
    return Look.DATED if digits * 5 >= len(text) and _DAY.search(text) else None


_Names = Mapping[str, Sequence[tuple[str, bool]]]


def _read_names(table: str) -> _Names:
    """Return the names in a table by their first two characters, each with whether more words may follow."""
    names = defaultdict(list)
    for name in table.replace("\n", "|").split("|"):
        if name := name.strip():
            names[name[:2]].append((name.rstrip("*"), name.endswith("*")))
    return names


_CLOSING_NAMES, _LEGAL_NAMES, _ASIDE_NAMES = _read_names(_CLOSING), _read_names(_LEGAL), _read_names(_ASIDE)


def _beginning(text: str) -> str:
    """Return the beginning of a line without decoration, in lower case."""
    start = 0
    while start < len(text) and not (text[start].isalnum() or text[start] in "©(【"):
        start += 1
    return text[start : start + 60].casefold()


def _is_listed(line: str, names: _Names) -> bool:
    for name, may_go_on in names.get(line[:2], ()):
        if line.startswith(name):
            rest = line[len(name) :]
            if not rest or not any(map(str.isalpha, rest)):
                return True
            if may_go_on and not (name[-1].isascii() and name[-1].isalpha() and rest[0].isalpha()):
                return True
    return False
