"""Makes invented pages, in languages and with boxes that the real pages to learn from lack.

Their sentences are made of a few invented words: only lengths, stops and repetitions are learnt. Around the articles
are the phrases that pages of news have in each language.
"""

# ruff: noqa: E501 - the names that a language has for one thing stand in one line
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PAGES_EACH = 6


@dataclass(frozen=True, slots=True)
class Invented:
    """A dump, and the article in it."""

    name: str
    dump: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """How pages look in one language."""

    letters: str  # words are made of these syllables or characters
    wide: bool
    comma: str
    stop: str
    sections: str
    head: str  # lines that may come between title and text, separated by "|"
    insets: str  # lines between paragraphs
    caption: str  # {} is a sentence without its stop
    ends: str  # lines right below the text
    boxes: str  # names of boxes below
    notices: str  # sentences of the site about itself
    footer: str


_TONGUES: Mapping[str, Tongue] = {
    "en": Tongue(
        "ban tel mor is lin der fa ro wick sal tum per ol ney gar", wide=False, comma=", ", stop=". ",
        sections="Home|News|Politics|Business|Sport|Opinion|Lifestyle|Weather|Jobs|Motoring|Videos|My account|Log in",
        head="By Staff Reporter|Published 3 May 2024|Last updated: 04 May 2024 10:15|3 min read|Share|Listen to this article|0:00 / 3:15",
        insets="Advertisement|READ MORE|Story continues below advertisement|Article continues below|ALSO READ",
        caption="{}. (Photo: Ada Miller/The Mill)", ends="Do you have a story tip? Email the newsroom.|Comments|Share this article",
        boxes="Related stories|Most read|Trending|Editor's picks|More from News|Latest headlines|Recommended for you",
        notices="Subscribe to our newsletter and get the day's stories in your inbox.|We use cookies to give you the best experience on our site. By continuing you accept our privacy policy.|Comments are moderated and must follow our house rules.|This website collects your personal data as set out in its policy.",
        footer="About us|Contact us|Advertise|Privacy policy|Terms and conditions|Careers|© 2024 The Mill. All rights reserved.",
    ),
    "fr": Tongue(
        "ma lou ver ti né chan pou re vil lon dé cou ris ya", wide=False, comma=", ", stop=". ",
        sections="Accueil|Actualités|Politique|Économie|Sports|Culture|Opinions|Société|Vidéos|Météo|Se connecter|S’abonner",
        head="Par Anne Moulin|Publié le 3 mai 2024 à 10 h 15|Mis à jour le 4 mai 2024|Temps de lecture : 3 min|Partager|Écouter l’article",
        insets="Publicité|À lire aussi|La suite après la publicité|Lire aussi",
        caption="{}. (Photo : Jean Meunier)", ends="Commentaires|Partager cet article|Signaler une erreur",
        boxes="À lire aussi|Les plus lus|Sur le même sujet|Nos recommandations|En continu|Dernières nouvelles",
        notices="Inscrivez-vous à notre infolettre pour recevoir nos meilleurs articles chaque matin.|Nous utilisons des témoins pour améliorer votre expérience et mesurer l’audience de nos pages.|Les commentaires sont modérés selon notre nétiquette.",
        footer="Qui sommes-nous|Nous joindre|Conditions d’utilisation|Politique de confidentialité|Annoncez|© 2024 Le Moulin. Tous droits réservés.",
    ),
    "es": Tongue(
        "ca lo ría men to par sie ga del ma ni co tra", wide=False, comma=", ", stop=". ",
        sections="Portada|Nacional|Internacional|Economía|Deportes|Cultura|Opinión|Sociedad|Iniciar sesión|Suscríbete",
        head="Por Inés Molina|Publicado el 3 de mayo de 2024|Actualizado: 04/05/2024 10:15|Compartir|Escuchar",
        insets="Publicidad|Lea también|Te puede interesar",
        caption="{}. (Foto: Luis Molinero)", ends="Comentarios|Compartir|Archivado en",
        boxes="Te puede interesar|Lo más leído|Noticias relacionadas|Últimas noticias|Más en Cultura",
        notices="Suscríbete a nuestro boletín y recibe las noticias del día en tu correo.|Utilizamos cookies propias y de terceros para mejorar tu experiencia.",
        footer="Quiénes somos|Contacto|Aviso legal|Política de privacidad|Publicidad|© 2024 El Molino. Todos los derechos reservados.",
    ),
    "ru": Tongue(
        "ба ло те ри мо ва стр ен ка го ла ду пе ниц", wide=False, comma=", ", stop=". ",
        sections="Главная|Политика|Экономика|Общество|Спорт|Культура|Мнения|Видео|Войти|Подписаться",
        head="Автор: Анна Мельник|3 мая 2024, 10:15|Обновлено 4 мая 2024|Поделиться|Фото: Мельница",
        insets="Реклама|Читайте также|Материалы по теме",
        caption="{}. Фото: Иван Мельник", ends="Комментарии|Поделиться|Теги",
        boxes="Читайте также|Популярное|По теме|Главные новости|Последние новости|Новости партнеров",
        notices="Подпишитесь на нашу рассылку и получайте главные новости каждое утро.|Мы используем файлы cookie, чтобы вам было удобно на нашем сайте.",
        footer="О нас|Контакты|Реклама на сайте|Правила|Вакансии|© 2024 Мельница. Все права защищены.",
    ),
    "zh": Tongue(
        "山水田石村河桥工人学生城市经济发展建设新时代春秋农民合作文化保护研究大会开放技术生活服务环境公里学校老年", wide=True,
        comma="，", stop="。",
        sections="首页|新闻|国内|国际|财经|科技|体育|娱乐|军事|教育|文化|视频|图片|评论|登录|注册|客户端|无障碍|English",
        head="2024年05月03日10:15|来源：磨坊日报|作者：王小米|2024-05-03 10:15:30|字号|大|中|小|分享到|微信|微博|责任编辑：李四|原标题|打印|收藏|关注",
        insets="广告|点击查看更多|延伸阅读|【纠错】|视频加载中...", caption="图为{}。 王小米 摄",
        ends="（责编：王小米、李四）|责任编辑：王小米|【责任编辑:李四】|编辑：王小米|分享让更多人看到|返回首页|来源：磨坊日报|关键词|点赞|阅读 1024",
        boxes="相关新闻|推荐阅读|热门推荐|相关阅读|热点排行|精彩推荐|今日热点|最新文章|评论|为你推荐|图片新闻|大家还看了",
        notices="本网站所刊载信息，不代表本网观点，刊用本网站稿件，务经书面授权。|未经授权禁止转载、摘编、复制及建立镜像，违者将依法追究法律责任。|特别声明：以上内容为自媒体平台用户上传并发布，本平台仅提供信息存储服务。|欢迎关注我们的公众号，第一时间获取更多资讯。|违法和不良信息举报电话：000-00000000 举报邮箱：jubao@example.cn",
        footer="关于我们|联系我们|广告服务|招聘信息|网站声明|版权声明|法律顾问|增值电信业务经营许可证|互联网新闻信息服务许可证00000000|京ICP备00000000号|京公网安备00000000000000号|版权所有 磨坊网 未经书面授权禁止使用|返回顶部",
    ),
    "ja": Tongue(
        "山川町駅人会社学校きょうのことはがをにでたします政府東西開発調査水道新聞地域子どもカメラデータ文化祭記録", wide=True,
        comma="、", stop="。",
        sections="トップ|速報|社会|政治|経済|国際|スポーツ|エンタメ|オピニオン|地域|ログイン|会員登録|検索|紙面ビューアー",
        head="2024年5月3日 10時15分|2024/05/03 10:15|更新|水車太郎|シェア|ブックマーク|保存|有料記事|この記事は会員限定です|印刷",
        insets="広告|[PR]|あわせて読みたい|関連記事", caption="{}＝3日、水車町で（水車太郎撮影）",
        ends="この記事を書いた人|シェアする|関連記事|あなたにおすすめ|続きを読む",
        boxes="関連記事|アクセスランキング|おすすめ記事|新着記事|注目ニュース|特集|人気記事|ピックアップ",
        notices="無料登録すると、会員限定の記事をお読みいただけます。|この記事は有料会員限定です。残り800文字。|当サイトに掲載の記事・写真などの無断転載を禁じます。|すでに会員の方はログインしてください。",
        footer="会社概要|お問い合わせ|利用規約|プライバシーポリシー|広告掲載|サイトマップ|著作権について|© 2024 水車新聞社",
    ),
}  # fmt: skip


def invented_pages() -> Iterator[Invented]:
    """Yield the same pages each time."""
    for name, tongue in _TONGUES.items():
        for number in range(PAGES_EACH):
            yield _Writer(f"{name}-{number}", tongue, tongue).page()
    for name in ("en", "fr", "es", "ru"):
        for portal in ("zh", "ja"):
            for number in range(PAGES_EACH // 3):
                yield _Writer(f"{name}-in-{portal}-{number}", _TONGUES[name], _TONGUES[portal]).page()


class _Writer:
    """Writes one page."""

    def __init__(self, name: str, tongue: Tongue, around: Tongue) -> None:
        self._name, self._tongue, self._around = name, tongue, around
        self._dice = random.Random(name)  # noqa: S311 - no secret
        self._marked = self._dice.random() < 0.6  # headings and lists, as html2text marks them
        self._subject = [self._word() for _ in range(25)]

    def page(self) -> Invented:
        dice, tongue, around = self._dice, self._tongue, self._around
        title = self._phrase(18 if tongue.wide else 9)
        paragraphs, body = self._body(dice.choice((2, 3, 5, 8, 12, 20)))
        top = self._some(around.sections, 30)
        if dice.random() < 0.5:
            top += dice.sample(around.notices.split("|"), 1)
        if dice.random() < 0.4:
            top += [self._other_headline() for _ in range(dice.randint(2, 12))]
        head = [("# " if self._marked else "") + title]
        standfirst = self._sentences(1) if dice.random() < 0.3 else ""
        head += [standfirst] if standfirst else []
        head += self._some(around.head, 6, listed=False)
        caption = [tongue.caption.format(self._sentences(1).rstrip(tongue.stop))] if dice.random() < 0.5 else []
        below = self._some(around.ends, 3, listed=False)
        self._tongue = around
        below += self._boxes()
        lines = [*top, *head, *caption, *body, *below, *self._some(around.footer, 14)]
        gap = "\n\n" if self._marked or dice.random() < 0.3 else "\n"
        return Invented(self._name, gap.join(lines), title, tuple([standfirst] * bool(standfirst) + paragraphs))

    def _body(self, count: int) -> tuple[list[str], list[str]]:
        dice, tongue = self._dice, self._tongue
        paragraphs, lines = [], []
        for number in range(count):
            if number and dice.random() < 0.12:
                heading = self._phrase(8 if tongue.wide else 4)
                paragraphs.append(heading)
                lines.append(("## " if self._marked else "") + heading)
            paragraphs.append(self._sentences(dice.choice((1, 1, 2, 2, 3, 4))))
            lines.append(("\u3000\u3000" if tongue.wide and not self._marked else "") + paragraphs[-1])
            if number + 1 < count and dice.random() < 0.15:
                lines += dice.sample(tongue.insets.split("|"), 1)
                lines += [self._other_headline() for _ in range(dice.choice((0, 1, 3)))]
            elif number + 1 < count and dice.random() < 0.1:
                lines.append(tongue.caption.format(self._sentences(1).rstrip(tongue.stop)))
        return paragraphs, lines

    def _boxes(self) -> list[str]:
        dice, tongue = self._dice, self._tongue
        lines: list[str] = []
        for name in dice.sample(tongue.boxes.split("|"), dice.randint(1, 4)):
            lines.append(("## " if self._marked else "") + name)
            dated = dice.random() < 0.5
            teased = dice.random() < 0.25
            for day in range(dice.randint(3, 15)):
                lines.append(self._other_headline())
                if teased:
                    lines.append(self._sentences(1, self._words(9)))
                if dated:
                    lines.append(f"2024-05-{day + 1:02} 10:{10 + day}")
        if dice.random() < 0.3:
            for number in range(dice.randint(2, 6)):
                lines += [f"user{number}{dice.randint(10, 99)}", self._sentences(dice.randint(1, 2), self._words(12))]
        return lines + dice.sample(tongue.notices.split("|"), 2)

    def _some(self, listed_names: str, limit: int, *, listed: bool = True) -> list[str]:
        names = listed_names.split("|")
        chosen = (
            names[: self._dice.randint(len(names) // 2, len(names))][:limit]
            if listed
            else [name for name in names if self._dice.random() < 0.4][:limit]
        )
        return [f"  * {name}" for name in chosen] if listed and self._marked else chosen

    def _other_headline(self) -> str:
        text = self._phrase(16 if self._tongue.wide else 8, self._words(12))
        return f"  * {text}" if self._marked and self._dice.random() < 0.5 else text

    def _words(self, count: int) -> list[str]:
        return [self._word() for _ in range(count)]

    def _word(self) -> str:
        if self._tongue.wide:
            return "".join(self._dice.choices(self._tongue.letters, k=2))
        return "".join(self._dice.choices(self._tongue.letters.split(), k=self._dice.choice((1, 2, 2, 3))))

    def _phrase(self, length: int, words: list[str] | None = None) -> str:
        chosen = self._dice.choices(words or self._subject, k=max(2, length // (2 if self._tongue.wide else 1)))
        text = ("" if self._tongue.wide else " ").join(chosen)
        return text[0].upper() + text[1:]

    def _sentences(self, count: int, words: list[str] | None = None) -> str:
        dice, tongue = self._dice, self._tongue
        sentences = []
        for _ in range(count):
            clauses = [self._phrase(dice.randint(8, 18), words) for _ in range(dice.randint(2, 4))]
            rest = [clause[0].lower() + clause[1:] for clause in clauses[1:]]
            sentences.append(tongue.comma.join([clauses[0], *rest]) + tongue.stop)
        return "".join(sentences).strip()
