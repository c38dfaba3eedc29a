"""Chinese."""

import re

from tidings.annotation.languages.zh.candidates import BOUNDS
from tidings.base.languages.record import Language

LANGUAGE = Language(
    code="zh",
    bounds=BOUNDS,
    particles_of_titles=frozenset("的"),
    posting_words=frozenset("驻赴访对援"),
    ordinary_people=re.compile(
        r"(?:村民|居民|村医|村支书|农户|牧民|渔民|工人|员工|职工|队员|队长|站长|镇长|县长|乡长|所长|处长|科长|班长|社长|店主|老板|商户|游客|记者|"
        r"学生|老师|教师|教授|副教授|研究员|工程师|设计师|医生|护士|经理|总监|技术员|负责人|志愿者|司机|运动员|选手|演员|导演|馆长|校长|专家|院士|"
        r"主播|创始人|创业者|代表团团长|驻村干部|第一书记|党支部书记)$"
    ),
    places_like_names=("克里米亚", "克里姆林", "巴赫穆特", "阿比让", "奥斯汀市", "华盛顿"),
)
