"""Closed classes of words that bound a formulation, a language: what it may not begin or end with, and what joins its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tidings.transforms.text.attribution_words import words

HEADED, QUOTED = "head noun", "quote"
"""Evidence that is no verb: a head noun at a sequence's end (in French and Italian its beginning), quotation marks around it."""

CLAUSE_SIGNS = '.,;:!?()[]"“”„«»‹›\n–—…•'
"""What ends a sequence of words."""


@dataclass(frozen=True)
class Bounds:
    """``stops`` end a sequence; ``inner`` may stand within one, not at its ends; ``light`` verbs and adjectives begin none."""

    stops: frozenset[str]
    inner: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()  # of a body's name what follows is no formulation: Office fédéral de la sécurité
    light: frozenset[str] = frozenset()
    is_head_first: bool = False  # plan d'action, not action plan
    has_compounds: bool = False  # one word may be a formulation: Hafenpakt
    endings: tuple[str, ...] = field(default=("",))  # of a policy verb, behind its stem
    stem_cut: tuple[str, ...] = ()  # what is cut from a verb as listed before an ending is put on


WIDE_STOP = re.compile(
    "[的被也这那其或很们你他她它吗呢吧又]"
    "|等(?<!平等)(?<!高等)(?<!同等)(?<!对等)(?!级)|了(?!解(?![决放]))|还(?!林|草|湖|湿)|和(?<!共和)(?<!饱和)(?<!碳中和)(?<!温和)(?<!缓和)(?!谐|睦|平(?![台稳均衡等])|美(?![国方元丽好术食洲]))"
    "|与(?<!参与)(?!时俱进)|及(?<!普及)(?<!涉及)(?!时(?![间代任候]))|在(?<!存在)(?<!内在)(?<!潜在)(?!线|岗|职|轨|校)"
    "|是(?<!实事求是)|都(?<!首都)(?<!成都)(?!市)|并(?<!合并)(?!网|购|轨|举)|我(?<!自我)(?<!忘我)|着(?<!沉着)|把(?!关|脉)"
    "|让(?<!转让)(?!利)|就(?<!成就)(?<!造就)(?!业|地|近|医|学)|使(?<!大使)(?<!行使)(?!命|用)|更(?<!变更)(?!新|替)"
)
"""Signs that are words of their own nearly everywhere, though not in 自我革命, 就业优先, 城市更新, 和美乡村 or 都市圈; 会, 能 or
要 are none of them: they stand in 社会, 能力 and 要素."""

WIDE_LIGHT = words(
    "提供 实现 取得 加大 举行 举办 进行 开拓 参与 发挥 增强 提高 出台 继续 不断 进一步 努力 着力 大力 切实 助力 带动 "
    "促使 拓展 相关 有关 各项 更多 作为 成为 关于 提出 开创 迈出 迈向 注入 投身 根据 针对 相结合 走出 奋力 勇于 善于 "
    "用好 抓好 做好 办好 讲好 当好 认真 坚定 依靠 迈上 为了 通过 经过 具有 成功 已经 正在 必须 需要 可以 能够 "
    "应当 了解 作出 做出 前往 来自 位于 围绕 称赞 表示 指出 强调"
)
"""Words that a formulation neither begins nor ends with, and that part it where they stand inside."""

WIDE_ADVERB = re.compile(
    "(?:稳步|深入|持续|积极|全面|共同|扎实|有序|主动|统筹|更好|协同|纵深|高效|加速|携手|合力|全力|坚决|坚持|系统|有力|"
    "一体|集中|科学|自觉|率先|充分)"
)
"""Adverbs that stand before a policy verb; before anything else they may begin a formulation: 共同富裕."""

WIDE_DEGREE = re.compile(
    "(?:更多|更高水平|更大规模|更高质量|更大|更高|更好|更加|真正的|新的|一批|一系列|高水平|高质量|大规模|高标准|伟大|全方位|"
    "我国|全国)+的?"
)
"""How much or of what kind, between a policy verb and a formulation: 落实更大规模减税降费, 践行真正的多边主义."""

WIDE_NOUN = re.compile("创新(?:驱动|型|链|体|联合体|药)|保障(?:性|房)|发展(?:权|观|理念)|支持政策|统筹城乡")
"""What begins with a policy verb's signs and is none."""

WIDE_LEFT = re.compile(
    "(?!内需|内陆|内生|内循环|内卷|外资|外贸|外商|外部|外循环|时代|时空|上合|上云|上山|下沉|下乡|业态|作风|设施|设备|设计|理论|"
    "理念|动能|动力|动态|量子|项目|对外|对口|对标|要素|要害|能源|能力|能耗|能效|能级|有效|有序|有为|化工|化解|化债|会计|前沿|前瞻|"
    "后备|后发|点对点|等级|进口|进博|力量|日常|属地|为民|为基层|从严|向北|向海|向新|向心|不忘|不敢|不能|不想|以.[换代促带养补])"
    "(?:[化性者们等员型上下内外间后前时里年月日号处点属业作展设理进动度力量项以为对从向于将有不要由会能则各]|一系列|一批|多[种项]|重大|"
    "重要|主要|长期|全方位)"
)
WIDE_RIGHT = re.compile(
    "(?<=[新大高互相更最多好再共全已首优跨普重以为对从向于将有不要由第各个两一三中])"
    "(?<!集中|空中|创新|革新|更新|换新|向新|求新|向好|安全|健全|美好|友好|行为|导向|方向|国有|统一|自由|应对|扩大|重大|强大|提高|需要|多重|所有|公有)"
    "(?<!合一|专一)"
)
"""Signs at which a sequence was cut within a word, at its left and right end, unless they end or begin one of these words."""

GENERAL = Bounds(stops=frozenset())

BOUNDS = {
    "en": Bounds(
        stops=words(
            "the a an this that these those its their his her our my your and or but nor so if as at by for from in "
            "into of on onto to with without within during about against between among under over after before since "
            "until than then when while where which who whom whose what how why is are was were be been being has have "
            "had do does did will would can could may might must shall should not no it they he she we you i there "
            "here also both either all any each every some such more most much many few less least other another same "
            "own new further several various including via per up out off down through across toward towards around s "
            "t one two three four five six seven eight nine ten first second third only just very too even still yet "
            "already now today yesterday said says say year years month months week day days time people percent per "
            "well according etc whether because though although however therefore like"
        ),
        inner=words("and of for"),
        bodies=words("office agency department secretariat ministry institute organization organisation foundation"),
        light=words(
            "high key main major important future current common joint possible necessary next last previous great good better "
            "latest large bilateral national international federal swiss"
        ),
        endings=("", "s", "d", "ed", "ing", "es"),
        stem_cut=("e",),
    ),
    "de": Bounds(
        stops=words(
            "der die das den dem des ein eine einen einem einer eines und oder aber auch als an am auf aus bei beim "
            "bis da damit dann dass dazu denn dies diese diesem diesen dieser dieses durch er es sie für gegen hat "
            "haben hatte hier ihr ihre ihrem ihren ihrer im in ins ist sind war waren wird werden wurde wurden kann "
            "können konnte soll sollen sollte muss müssen mit nach nicht noch nur ob ohne per pro sehr sein seine "
            "seinem seinen seiner seit sich so sowie über um unter vom von vor was welche welcher wenn wer wie wir wo "
            "zu zum zur zwischen zudem insbesondere rund gemäss laut wegen während bereits heute jahr jahre jahren "
            "januar februar märz april mai juni juli august september oktober november dezember prozent millionen "
            "franken artikel absatz mehr weniger alle allen aller jede jeder weitere weiteren weiterer neue neuen "
            "neuer neues neu"
        ),
        light=words(
            "wichtige wichtigen gemeinsame gemeinsamen entsprechende entsprechenden verschiedene verschiedenen gezielte "
            "gezielten ergriffene ergriffenen internationale internationalen nationale nationalen bilaterale bilateralen "
            "schweizerische schweizerischen schweizer strategische strategischen"
        ),
        bodies=words(
            "bundesamt bundesamts bundesamtes staatssekretariat departement departements institut instituts direktion agentur "
            "organisation stiftung"
        ),
        has_compounds=True,
        endings=("en", "t", "te", "ten", "et", "ete", "n", "rn"),
        stem_cut=("en", "rn", "n"),
    ),
    "fr": Bounds(
        stops=words(
            "le la les l un une des de du d à au aux en et ou mais donc ni car que qu qui quoi dont où ce cet cette "
            "ces se s sa son ses leur leurs notre nos votre vos il elle ils elles on nous vous je tu par pour avec "
            "sans sous sur dans entre vers chez depuis pendant avant après lors est sont était être a ont avait avoir "
            "sera seront peut peuvent doit doivent ne pas plus moins très aussi ainsi comme si y n c j m t lui même "
            "tous toutes tout toute autre autres année années mois jour jours millions francs afin notamment "
            "concernant selon nouveau nouvelle nouveaux nouvelles deux trois prévoit prévoient vise "
            "visent permet permettent entre mis mise œuvre"
        ),
        light=words(
            "national nationale nationaux international internationale internationaux bilatéral bilatérale bilatérales fédéral "
            "fédérale fédéraux suisse suisses important importante possible commun commune étrangère pilote"
        ),
        inner=words("de d du des la le les l et pour à en sur au aux"),
        bodies=words("office département secrétariat institut agence direction organisation fondation"),
        is_head_first=True,
        endings=("er", "e", "ent", "é", "ée", "és", "ées", "era", "ait", "ir", "it"),
        stem_cut=("er", "ir"),
    ),
    "it": Bounds(
        stops=words(
            "il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli alle da dal "
            "dallo dalla dai dagli dalle in nel nello nella nei negli nelle con su sul sullo sulla sui sugli sulle per "
            "tra fra e ed o ma che chi cui non è sono era erano essere ha hanno aveva avere sarà saranno può possono "
            "deve devono si ci vi ne se come anche più meno molto questo questa questi queste quello quella suo sua "
            "suoi sue loro nostro anno anni mese mesi giorno giorni milioni franchi nuovo nuova nuovi nuove due tre "
            "prevede prevedono mira permette permettono entra"
        ),
        light=words(
            "nazionale nazionali internazionale internazionali bilaterale bilaterali federale federali svizzero svizzera "
            "svizzeri importante possibile comune estera pilota maggior maggiore"
        ),
        inner=words("di del della dei delle d e per la il l in sul sulla dello degli al alla"),
        bodies=words("ufficio dipartimento segreteria istituto agenzia direzione organizzazione fondazione"),
        is_head_first=True,
        endings=("are", "ere", "ire", "a", "ano", "ato", "ata", "ando", "e", "ono", "uto"),
        stem_cut=("are", "ere", "ire"),
    ),
}
