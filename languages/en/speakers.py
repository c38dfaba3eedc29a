"""The English nouns, titles and pronouns by kind and gender of a speaker."""

from __future__ import annotations

from tidings.languages.speaker_words import SpeakerWords
from tidings.languages.words import words

SPEAKERS = SpeakerWords(
    roles=words(
        "president minister premier chancellor secretary senator congressman congresswoman representative governor mayor "
        "ambassador spokesman spokeswoman spokesperson chairman chairwoman chairperson chair director chief head leader "
        "official officer executive ceo cfo coo founder co-founder owner manager commissioner commander general colonel "
        "captain lieutenant sergeant admiral judge justice lawyer attorney prosecutor solicitor advocate counsel counselor "
        "counsellor professor lecturer teacher scientist economist analyst expert researcher historian author writer "
        "journalist reporter correspondent editor columnist critic anchor moderator host strategist pollster consultant "
        "adviser advisor aide assistant deputy vice-president treasurer speaker whip candidate nominee incumbent rival "
        "opponent challenger frontrunner contender lawmaker legislator parliamentarian mp mep councillor councilman "
        "councilwoman councilor delegate envoy diplomat negotiator king queen prince princess pope bishop archbishop cardinal "
        "priest pastor rabbi imam doctor physician surgeon nurse psychologist engineer farmer businessman businesswoman "
        "entrepreneur investor banker billionaire developer activist organizer organiser campaigner veteran soldier sheriff "
        "detective investigator inspector trooper policeman policewoman firefighter witness victim suspect defendant "
        "plaintiff student mother father wife husband son daughter brother sister uncle aunt cousin friend neighbor neighbour "
        "colleague coach player athlete actor actress singer comedian director-general secretary-general superintendent "
        "principal dean fellow scholar commentator surrogate supporter voter resident republican democrat conservative "
        "liberal libertarian socialist vice governor-general undersecretary under-secretary rapporteur regulator trader "
        "broker coordinator co-chair co-author mogul tycoon star sen rep gov congressperson chairmanship operative insider "
        "donor fundraiser hostess jurist ombudsman auditor controller comptroller strongman dictator monarch emperor sultan "
        "emir sheikh ayatollah mufti premier-elect president-elect"
    ),
    bodies=words(
        "government ministry department agency administration authority bureau office commission committee council board "
        "court parliament congress senate house assembly cabinet party campaign company corporation firm bank group "
        "organization organisation association federation union institute institution university college school foundation "
        "fund center centre network newspaper magazine paper outlet website site channel station publication tribune times "
        "post journal news press team club league police army military force navy pentagon kremlin white-house embassy "
        "mission delegation secretariat tribunal panel jury coalition alliance movement church charity ngo think-tank tank "
        "service society chamber state country nation city report study survey poll statement letter memo document article "
        "editorial book ad advertisement advert email e-mail tweet post message resolution release communique communiqué "
        "declaration brochure leaflet factsheet guideline guidelines guide handbook strategy filing lawsuit complaint "
        "indictment ruling order law bill act analysis review paper dossier transcript note blog column op-ed story stories "
        "account audit treasury exchange airline airport hospital regime inc inc. corp corp. ltd llc plc co. academy "
        "laboratory lab trust syndicate consortium caucus taskforce task-force inquiry summit monitor observatory registry "
        "index dictionary constitution treaty agreement charter article"
    ),
    collectives=words(
        "officials people experts analysts critics opponents supporters voters democrats republicans conservatives liberals "
        "lawmakers authorities media observers reporters journalists economists scientists researchers leaders residents "
        "witnesses protesters demonstrators activists advocates participants members families parents students workers police "
        "troops others americans chinese russians europeans israelis palestinians women men some many most several few "
        "meeting conference crowd audience public staff personnel management opposition majority minority rebels militants "
        "businesses companies investors respondents historians scholars prosecutors lawyers attorneys aides advisers advisors "
        "allies campaigns polls surveys countries governments nations states groups parties both sides parties newspapers "
        "outlets regulators ministers presidents senators governors folks colleagues friends relatives neighbors neighbours "
        "locals citizens immigrants evangelicals catholics muslims jews"
    ),
    unnamed=words(
        "somebody everybody "  # style: quoted
        "man woman person someone one anyone everyone individual sources source guy girl boy lady"
    ),
    not_speakers=words(
        "thing things idea fact reason question problem issue way time day week month year night morning life world war "
        "weather video picture photo image number figure percent price rate market it's case point part word words truth "
        "history"
    ),
    norms=words("law act rule rules article articles principle principles standard standards criteria provision provisions"),
    endings={"ologist": "role", "icist": "role", "ologists": "collective", "icists": "collective"},
    titles=words(
        "mr mr. mrs mrs. ms ms. miss dr dr. prof prof. sir lady lord dame sen sen. rep rep. gov gov. gen gen. lt lt. col col. "
        "sgt sgt. hon hon. rev rev. st st. president vice prime minister secretary senator representative congressman "
        "congresswoman governor mayor chancellor ambassador king queen prince princess pope bishop archbishop cardinal judge "
        "justice general colonel captain admiral professor doctor chairman chairwoman director commissioner premier sheriff "
        "attorney father sister brother rabbi imam ayatollah sheikh emir sultan foreign finance defense defence interior "
        "trade state deputy former acting chief executive officer councillor councilor lieutenant sergeant officer detective "
        "reverend democrat republican ex-president speaker leader democratic spokesman spokeswoman nominee candidate lawyer "
        "aide ceo majority minority house senate u.s. us american british russian chinese"
    ),
    attributes=words(
        "u.s. us american british russian chinese house senate majority minority democratic republican trade interior finance "
        "foreign defense defence state prime vice executive former deputy acting chief"
    ),
    female=words(
        "she her herself mrs mrs. ms ms. miss lady dame queen princess woman spokeswoman chairwoman congresswoman "
        "businesswoman mother wife daughter sister aunt actress councilwoman girl policewoman hostess"
    ),
    male=words(
        "he his himself mr mr. sir lord king prince pope man spokesman chairman congressman businessman father husband son "
        "brother uncle councilman boy policeman"
    ),
    pronouns=words("he she they it"),
    determiners=words(
        "the a an this that these those his her its their our some many several most few all both another other one no any "
        "every each"
    ),
    linking=words("of for at from in with on to"),
    name_particles=words("de la le von van der den bin ibn al el da di du dos del ben"),
)
