"""Chinese surnames, characters that write foreign names, and the test for a person's name."""

from __future__ import annotations

import re

from tidings.languages.words import words
from tidings.languages.zh.heads import HEADS

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史"
    "唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝"
    "董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石"
    "崔吉钮龚程嵇邢滑裴陆荣翁荀羊甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束"
    "龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农"
    "温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶"
    "空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公岳帅缑亢况郈有琴商牟佘佴伯赏墨哈谯笪年爱阳佟言福闫肖付覃区代仝伦邝冼闪原占"
    "卿栗植揭敬晋来苟化官肇苑者迟问辜冒仉尧雒矫逢才但卜由操妥战税钦线粟"
)
_COMPOUND_SURNAMES = words(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 鲜于 闾丘 夏侯 轩辕 端木 百里 东郭 南宫 西门 呼延 "
    "澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 第五 独孤 万俟 赫连 拓跋 完颜 纳兰 买买"
)
SOUNDS = (
    "阿埃艾爱安昂奥澳巴芭白拜班邦保鲍贝本比彼宾波博伯勃布彻茨查察柴达戴丹道德登邓迪蒂丁东杜顿多厄恩尔法凡范菲费芬丰佛弗福甫盖冈戈哥格"
    "古瓜圭哈海汉豪赫黑亨洪胡华怀霍基吉季加贾姜杰捷金津京久居喀卡凯坎康考柯科可克肯孔库夸奎昆拉腊莱赖兰朗劳勒雷蕾黎里理李利莉丽连莲良"
    "廖列烈林琳留柳龙卢鲁路露伦罗洛吕马玛迈麦曼芒毛梅门蒙孟米密缅妙敏明摩莫默姆慕穆拿那纳娜奈南瑙内嫩尼妮涅宁纽努诺欧帕派潘庞培佩彭蓬皮"
    "匹平珀蒲普其奇齐琪契恰钦强乔切琴沁丘曲让热仁日荣茹儒瑞若萨塞赛桑瑟森沙莎山尚绍舍申圣施什石史士舒朔司丝斯思松苏索梭塔泰坦汤唐陶特滕"
    "提田廷通图土托陀娃瓦万旺威韦维魏温文翁沃乌武西希锡霞夏香肖谢辛欣兴休修许雅亚娅延扬杨耶叶伊宜易因茵英永尤于约跃泽扎詹章珍芝直朱兹祖佐"
    "楚贡戎仓颇葛黛妲卜丕缪邱遂顺素他登春昂光宋旦披赐奕楞夫斐芙汗卓桂缇迭歌耐冯代堡祺"
)
_FOREIGN = re.compile(rf"[{SOUNDS}]{{2,9}}")
_PARTS = re.compile(r"[\u4e00-\u9fffA-Z.-]{1,9}(?:[·・•-][\u4e00-\u9fffA-Z.-]{1,10}){1,5}")
_NO_NAME = re.compile(r"[的在等们是这各已将被及或不和与向对就谈访问率]|[部局委署院会办厅处][门员公]?|本人|个人|当[天日地]")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,8}")


def is_chinese_name(text: str) -> bool:
    """Return whether a text is a surname with a given name of one or two characters."""
    rest = len(text) - (2 if text[:2] in _COMPOUND_SURNAMES else 1 if text[:1] in _SURNAMES else 9)
    return 1 <= rest <= 2 and _HAN.fullmatch(text) is not None and text not in HEADS and not _NO_NAME.search(text, 1)


def is_foreign_name(text: str) -> bool:
    """Return whether a text is a transliterated name: 勃兰特, 奥托·勃兰特."""
    return bool(_FOREIGN.fullmatch(text)) or is_parted_name(text)


def is_parted_name(text: str) -> bool:
    """Return whether a text is a transliterated name with points between its parts: 奥托·勃兰特."""
    return bool(_PARTS.fullmatch(text)) and not re.search("[的等们这就在对向]", text)


def can_be_name(text: str) -> bool:
    """Return whether a text after a foreign office can be a name, as a Japanese one: 石桥湛山."""
    return bool(_HAN.fullmatch(text)) and not _NO_NAME.search(text)
