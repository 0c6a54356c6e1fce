"""How German asks, as a recogniser writes it down; to "Sie" and to "du"."""

from agent.dialogue.cues.cue import Cue, Language, listed, word_set

_Q = (
    r"(?:(?:die|diese|ihre|deine|der|dieser)(?: (?:letzte|letzten|ganze))? frage|den (?:letzten )?(?:teil|satz)"
    r"|was sie (?:gerade )?(?:gesagt|gefragt) haben"
    r"|das|dies|es|die|diese|dazu|darauf|davon)"
)
_AGAIN = r"(?: (?:noch ?mal|nochmals|noch einmal|einmal|mal|bitte|wiederholt|erneut|kurz|für mich|mir))*"
_TIME = (
    r"(?:(?:kurzen |kleinen )?(?:moment|augenblick)|sekunde|minute|sekündchen|momentchen|paar sekunden|bisschen zeit"
    r"|bisschen|wenig zeit|zeit|bedenkzeit)"
)
_YOU = r"(?: (?:sie|du))?"
_OTHERWISE = (
    r"(?:anders|mit anderen worten|in anderen worten|einfacher|verständlicher|klarer|auf andere weise|andersherum)"
)
_MORE = r"(?:(?:ein bisschen|ein wenig|etwas|bitte|noch) )*"
_LATER = r"(?:später|nachher|am ende|am schluss|zum schluss|danach|hinterher)"

GERMAN = Language(
    requests={
        Cue.END_INTERVIEW: listed(r"""
            (?:das|dieses) (?:interview|gespräch|vorstellungsgespräch)(?: (?:jetzt|hier|bitte|sofort|gern|gerne|
              lieber))* (?:beenden|abbrechen|abzubrechen|zu beenden|stoppen|beende ich|breche ich ab) /
            (?:beenden|beende|stoppen|stoppe|brechen) (?:sie |wir )?(?:bitte )?(?:das|dieses) (?:interview|
              gespräch)(?: (?:jetzt|hier|bitte|ab))* /
            (?:hier|jetzt|das)(?: (?:hier|jetzt))* (?:abbrechen|aufhören|beenden) / abbrechen / aufhören /
            ich (?:will|möchte|mag) (?:nicht (?:mehr|weiter)(?: (?:weiter)?machen)?|nicht mehr weitermachen|
              nicht weitermachen) / ich muss (?:jetzt |leider |sofort )+(?:gehen|weg|los|aufhören|auflegen)
            """),
        Cue.COME_BACK_LATER: listed(rf"""
            (?:später|nachher|am ende|am schluss)(?: (?:noch ?mal|noch einmal|wieder))?(?: (?:darauf|dazu|
              auf (?:diese|die) frage|zu (?:dieser|der) frage|da drauf))?(?: (?:noch ?mal|noch einmal|
              wieder))? (?:zurückkommen|zurückkehren|kommen|zurück) /
            (?:darauf|dazu|auf (?:diese|die) frage|zu (?:dieser|der) frage|da drauf)(?: (?:noch ?mal|noch einmal|
              wieder|{_LATER}))* (?:zurückkommen|zurückkehren|zurück) /
            {_Q}(?: (?:bitte|auch|gern|gerne|lieber|erst|noch))* {_LATER}(?: (?:noch ?mal|
              noch einmal))? (?:beantworten|machen|besprechen|antworten|erzählen) /
            (?:erst )?{_LATER}(?: (?:darauf|dazu))? (?:antworten|beantworten) / {_LATER} bitte /
            (?:vielleicht )?{_LATER} /
            {_Q} (?:erst ?mal|zunächst|vorerst|fürs erste) (?:überspringen|zurückstellen|weglassen|auslassen) /
            {_Q} (?:zurückstellen|aufheben|aufschieben) /
            (?:stellen|heben|verschieben) (?:wir|sie) {_Q}(?: (?:zurück|auf|auf später|für später))+
            """),
        Cue.SKIP: listed(rf"""
            {_Q}(?: (?:bitte|auch|gern|gerne|lieber|einfach|mal|jetzt))* (?:überspringen|auslassen|weglassen|
              überspringe ich|lasse ich aus) / (?:überspringen|überspringe)(?: (?:wir|sie|ich))? {_Q} /
            überspringen / ich passe / passe / passen wir / (?:die )?(?:nächste|andere|eine andere) frage /
            (?:mit der nächsten|zur nächsten)(?: frage)?(?: (?:weitermachen|gehen|weiter|übergehen|kommen))? /
            (?:weitermachen|weiter gehen|weitergehen) / (?:machen|gehen) wir weiter /
            (?:dazu|darüber|darauf|das|{_Q}) (?:möchte|will|mag|würde)(?: ich)?(?: (?:lieber|gern|gerne|
              eigentlich))* (?:nicht|nichts)(?: (?:antworten|sagen|sprechen|reden|beantworten))? /
            (?:lieber )?nicht(?: (?:dazu|darüber|darauf|{_Q}))? (?:beantworten|antworten|darüber sprechen|
              darüber reden) /
            (?:dazu|darüber|{_Q}) (?:lieber )?(?:nicht|nichts) (?:antworten|sagen|beantworten|sprechen|reden) /
            (?:ich möchte|ich will|möchte|will) (?:dazu|darauf|darüber) (?:lieber )?(?:nicht|nichts) (?:antworten|
              sagen|sprechen|reden) / kein kommentar
            """),
        Cue.CANT_HEAR: listed(r"""
            ich (?:kann|höre|hör) (?:sie|dich|euch)?(?: (?:leider|gerade|jetzt|überhaupt|gar))* ?(?:nicht|nichts|
              kaum noch)(?: (?:mehr|gut|richtig|so gut|hören|verstehen))* /
            ich (?:höre|hör)(?: (?:leider|gerade|jetzt|überhaupt|gar|hier|auf einmal))* nichts(?: mehr)? /
            ich habe (?:keinen|gar keinen) ton /
            (?:es gibt |da ist |hier ist |ich habe )?kein(?:en)? ton(?: (?:da|mehr))* /
            (?:der|ihr) ton (?:ist (?:weg|schlecht|ausgefallen)|fehlt|fällt aus) /
            (?:die|ihre) (?:verbindung|stimme|leitung) (?:ist (?:schlecht|weg|abgebrochen|abgehackt|gestört|
              unterbrochen|sehr schlecht)|bricht ab|hackt|stockt) / sie sind (?:stumm|weg|abgehackt) /
            sie brechen ab
            """),
        Cue.LOUDER: listed(rf"""
            {_MORE}lauter(?: (?:sprechen|reden|stellen|machen|bitte))* /
            (?:sprechen|reden|sprich|rede){_YOU} {_MORE}lauter /
            sie sind (?:sehr|zu|so|ein bisschen|etwas|ziemlich) leise /
            (?:das|es) (?:ist|war) (?:sehr|zu|so|etwas) leise /
            ich (?:höre|verstehe) (?:sie|dich) (?:nur )?(?:kaum|schlecht|sehr schlecht|ganz schlecht)
            """),
        Cue.SLOWER: listed(rf"""
            {_MORE}langsamer(?: (?:sprechen|reden|machen|wiederholen|sagen|bitte|vorlesen))* /
            (?:sprechen|reden|sprich|rede|machen){_YOU} {_MORE}(?:langsamer|langsam) /
            (?:sie (?:sprechen|reden|sind)|du (?:sprichst|redest|bist)|das (?:war|ist|ging|
              geht)(?: mir)?) (?:mir )?(?:etwas |ein bisschen )?(?:zu|sehr|so|viel zu) schnell(?: für mich)? /
            nicht so schnell
            """),
        Cue.REPHRASE: listed(rf"""
            (?:{_Q} )?(?:bitte |noch ?mal |noch einmal |mal |vielleicht )*{_OTHERWISE}(?: (?:formulieren|sagen|
              ausdrücken|fragen|stellen|erklären|formuliert|bitte))* /
            (?:{_Q} )?(?:bitte |noch ?mal |noch einmal |mal )*(?:umformulieren|neu formulieren|umschreiben) /
            (?:formulieren|sagen|fragen|erklären){_YOU} {_Q}(?: (?:bitte|mal|noch ?mal|noch einmal))* {_OTHERWISE}
            """),
        Cue.MEANING: listed(rf"""
            was (?:genau )?(?:meinen sie|meinst du)(?: (?:genau|jetzt|denn|damit|mit(?: \w+){{1,8}}))* /
            was ist (?:denn )?(?:damit )?(?:genau )?(?:damit )?gemeint / was ist mit(?: \w+){{1,6}} gemeint /
            wie (?:meinen sie|meinst du|ist)(?: (?:das|es))?(?: (?:genau|gemeint|jetzt|denn))* /
            was (?:bedeutet|heißt)(?: (?:das|\w+(?: \w+){{0,4}}))?(?: (?:genau|denn|hier))* / inwiefern /
            in welchem sinne? / (?:meinen sie|meinst du)(?: \w+){{1,12}} /
            was für (?:ein|eine|einen)(?: \w+){{1,3}} (?:meinen sie|meinst du) /
            (?:das|die frage|ihre frage) (?:habe|verstehe) ich(?: (?:leider|gerade|jetzt|noch))* nicht(?: (?:ganz|
              richtig|so|genau))*(?: verstanden)? /
            ich (?:verstehe|versteh|begreife|kapiere|habe?)(?: (?:leider|gerade|jetzt|die|diese|ihre|das|den|frage|
              sinn|der|wirklich|ganz|so|sie|es))* nicht(?: (?:ganz|so ganz|richtig|genau|wirklich|recht|verstanden|
              was sie (?:meinen|damit meinen|wollen|wissen wollen)|worauf sie hinaus ?wollen|die frage|ihre frage|
              begriffen|kapiert))* /
            ich (?:weiß|bin mir) nicht(?: (?:genau|ganz|so|sicher|recht))*(?: (?:was sie (?:meinen|damit meinen|
              hören wollen|wissen wollen|wissen möchten)|worauf sie hinaus ?wollen|was (?:damit )?gemeint ist|
              ob ich (?:die frage|das|sie)(?: (?:richtig|ganz))? (?:verstehe|verstanden habe)|was das (?:heißt|
              bedeutet))) /
            {_Q}(?: (?:bitte|noch ?mal|noch einmal|genauer|näher|kurz|mal|etwas))* (?:erklären|erläutern|
              präzisieren|verdeutlichen) /
            (?:erklären|erläutern)(?: sie)?(?: mir)? {_Q}(?: (?:bitte|genauer|näher|noch ?mal))* /
            was (?:genau )?(?:möchten|wollen) sie (?:genau )?(?:wissen|hören) / worauf wollen sie hinaus
            """),
        Cue.REPEAT: listed(rf"""
            (?:(?:{_Q}|sie|mir) )*(?:bitte |noch ?mal |noch einmal |einmal |mal |kurz )*(?:wiederholen|wiederhole|
              wiederholt)(?: {_Q})?{_AGAIN} / wiederholen sie(?: bitte)?(?: {_Q})?{_AGAIN} /
            (?:(?:{_Q}|mir) )*(?:bitte |kurz )*(?:noch ?mal|noch einmal|ein weiteres mal|nochmals)(?: (?:{_Q}|
              bitte|mir))*(?: (?:sagen|stellen|fragen|hören|vorlesen|lesen))?(?: bitte)? /
            (?:sagen|stellen|lesen|sag){_YOU}(?: mir)? {_Q}(?: mir)?(?: bitte)? (?:noch ?mal|
              noch einmal)(?: vor)?(?: bitte)? / wie bitte /
            wie war (?:die|das|ihre|noch ?mal die|noch ?mal)(?: frage)?(?: (?:noch ?mal|noch einmal|gleich))? /
            wie lautet(?:e)?(?: (?:noch ?mal|noch))? die frage(?: (?:noch ?mal|noch))? /
            was (?:war|ist)(?: (?:noch ?mal|noch|denn))* (?:die|ihre) (?:letzte )?frage(?: (?:noch ?mal|noch))? /
            was (?:haben sie|hast du)(?: (?:gerade|eben|noch ?mal|jetzt|mich))* (?:gesagt|gefragt) /
            (?:das |die frage |sie |es )?(?:habe |hab )?(?:ich )?(?:habe |hab )?(?:(?:das|die frage|sie|
              ihre frage|es|dich|den letzten teil|das letzte|den anfang|das ende) )?(?:jetzt |leider |gerade |
              akustisch |wirklich )*nicht (?:ganz |richtig |gut |genau |alles )*(?:akustisch verstanden|mitbekommen|
              gehört|mitgekriegt)(?: was sie gesagt haben)? /
            (?:das |sie |die frage )?(?:habe |hab )?(?:ich )?(?:habe |hab )?(?:(?:das|sie|die frage|ihre frage|
              es) )?(?:leider |jetzt |gerade )*akustisch (?:leider )?nicht(?: (?:ganz|richtig|gut))? verstanden /
            ich habe die frage vergessen / ich habe nicht zugehört
            """),
        Cue.THINKING: listed(rf"""
            (?:lassen sie mich|lass mich|da muss ich|ich muss|muss ich|darf ich|kann ich|ich möchte)(?: (?:da|mal|
              einen moment|einen augenblick|kurz|ganz kurz|erst|erst ?mal|noch|noch ?mal|eine sekunde|darüber|dazu|
              bitte|eben|gerade|jetzt|ein bisschen|etwas))* (?:nachdenken|überlegen|drüber nachdenken|
              darüber nachdenken|nachsinnen) /
            (?:(?:nur|kurz|bitte|noch|ganz) )*(?:einen|ein|eine|einige)(?: (?:kurzen|kleinen|
              kurze))? {_TIME}(?: (?:bitte|zum nachdenken|zum überlegen|noch|mal|nachdenken|überlegen|brauche ich|
              bedenkzeit))* /
            (?:geben sie|gib) mir(?: bitte)?(?: (?:noch|nur|kurz|mal))*(?: (?:einen|ein|eine|etwas|
              ein paar))?(?: (?:kurzen|kleinen|kurze))? {_TIME}(?: (?:bitte|zum nachdenken|zum überlegen))* /
            (?:ich brauche|ich bräuchte|brauche|dürfte ich|kann ich|könnte ich|darf ich|
              ich hätte gern)(?: (?:noch|nur|kurz|bitte|mal|da))*(?: (?:einen|ein|eine|etwas|
              ein paar))?(?: (?:kurzen|kleinen|kurze))? {_TIME}(?: (?:bitte|zum nachdenken|zum überlegen|haben|
              bekommen))* / (?:moment|augenblick|sekunde)(?: (?:mal|bitte|noch|kurz))* /
            (?:kurz|ich muss kurz) (?:nachdenken|überlegen) / (?:mal )?(?:überlegen|nachdenken) /
            ich (?:überlege|denke)(?: (?:noch|gerade|kurz|mal|darüber|nach|eben))+ / ich überlege /
            warten sie(?: (?:bitte|kurz|mal|einen moment))* / warte(?: (?:kurz|mal))* / mal sehen / mal überlegen
            """),
        Cue.DONT_KNOW: listed(r"""
            (?:das|da|dazu) (?:weiß|kann|fällt)(?: ich| mir)?(?: (?:leider|jetzt|gerade|wirklich|ehrlich gesagt|
              so|im moment|dazu|auf die schnelle|spontan|auch))* (?:nicht|nichts|gar nicht|
              kein beispiel)(?: (?:sagen|beantworten|ein|genau|so genau|antworten|einfallen|dazu sagen))* /
            (?:ich )?weiß(?: ich| es| das)?(?: (?:leider|jetzt|gerade|wirklich|ehrlich gesagt|das|es|da|
              die antwort|im moment|auch))* nicht(?: (?:so genau|genau|so recht|die antwort|was ich (?:dazu |
              darauf )?sagen soll))? /
            (?:ich )?(?:habe |hab )?(?:da |leider |dazu |davon |absolut |überhaupt |gerade )*keine (?:ahnung|idee|
              antwort)(?: (?:davon|darauf|dazu|leider))* /
            mir fällt(?: (?:da|dazu|gerade|jetzt|leider|spontan|im moment|so|auf die schnelle))* (?:nichts|
              kein beispiel|keins|keine situation)(?: (?:dazu|gerade|leider))* ein /
            ich kann(?: (?:das|die frage|diese frage|dazu|darauf|ihnen|leider|mich|daran|nicht))*(?: (?:leider|
              gerade|jetzt))* (?:nicht|nichts|mich nicht|keine)(?: (?:beantworten|sagen|dazu sagen|daran erinnern|
              erinnern|antworten|beispiel nennen))+ /
            ich kann mich(?: (?:daran|leider|gerade|da))* nicht(?: (?:daran|mehr|so))*(?: erinnern)? /
            ich erinnere mich(?: (?:daran|leider))* nicht(?: mehr)?
            """),
        Cue.NOTHING_TO_ADD: listed(r"""
            (?:nein|nee|nö|ne)(?: (?:danke|vielen dank|danke schön|eigentlich nicht|nicht wirklich|
              im moment nicht))* /
            (?:nein )?(?:ich habe |ich hab |habe ich |von meiner seite )?(?:erst ?mal |im moment |gerade |jetzt |
              aktuell |sonst |eigentlich )*(?:keine|keine weiteren|keine offenen) (?:weiteren |
              mehr )?fragen(?: (?:mehr|von meiner seite|im moment|an sie|dazu|sonst))* /
            (?:das|es) (?:war|wäre|ist|wars)(?: (?:es|alles|von|meiner|seite|meinerseits|von mir|dann|schon|
              so weit|soweit|auch|erst ?mal))+ / das wars(?: (?:von mir|von meiner seite|dann))* /
            (?:nichts|nicht)(?: (?:mehr|weiter|weiteres|hinzuzufügen|hinzufügen|von meiner seite|von mir|wirklich|
              dazu|sonst|im moment))* / eigentlich nicht / im moment nicht /
            ich habe (?:dem )?nichts(?: mehr)? hinzuzufügen /
            (?:sie haben )?(?:schon |bereits )?(?:alles|alle (?:meine )?fragen)(?: (?:schon|bereits|gut|gesagt|
              klar|ist|wurde|wurden|sind|soweit|so weit|bestens|
              in ordnung))*(?: (?:beantwortet|gesagt|klar|geklärt|erklärt))? /
            (?:ich bin )?(?:fertig|zufrieden|durch|wunschlos glücklich) /
            passt(?: (?:alles|so|schon))* / alles gut
            """),
        Cue.HELLO: listed(r"""
            hallo(?: (?:hallo|zusammen|nochmal))* / guten (?:tag|morgen|abend) / hi / hey / servus / moin /
            grüß gott / grüezi / (?:sind sie|bist du|seid ihr)(?: (?:noch|jetzt|überhaupt))* (?:da|dran|hier) /
            (?:ist|noch) (?:da )?(?:noch )?(?:jemand|wer)(?: (?:da|dran))* / jemand da /
            (?:hören sie|hörst du|können sie|kannst du|könnt ihr)(?: (?:mich|mir))(?: (?:noch|jetzt|gut|überhaupt|
              eigentlich|hören|verstehen))* / bin ich (?:noch )?(?:zu hören|verbunden|stumm) / test test /
            funktioniert (?:das|mein mikrofon|das mikrofon)
            """),
        Cue.LISTENING: listed(r"""
            (?:[mh]{1,8}|[äe]h+m*|[äe]hm+|hm+|mhm|aha|ah|oh|ach|ach so|achso|so|also|ok|okay|tja|gut|na|naja|
              na ja|nun|nun ja|nun gut|alles klar|verstehe|ich verstehe) /
            (?:das ist )?(?:eine )?(?:sehr )?(?:gute|interessante|schwierige|schwere|spannende) frage
            """),
    },
    around=listed(r"""
        (?:können|könnten|würden|möchten|wollen|dürfen|dürften|sollen)(?: (?:sie|wir|ich|wir das))? /
        (?:kannst|könntest|würdest|magst) du / (?:kann|könnte|darf|dürfte|möchte|würde|will|muss) ich /
        (?:lassen sie|lass) uns / ich (?:würde|möchte|will|hätte|wollte|glaube|denke|fürchte) /
        wäre es (?:möglich|okay|in ordnung) / ist es (?:möglich|okay|in ordnung) / geht (?:es|das) /
        ginge (?:es|das) / wäre es / ob (?:sie|wir|ich) / entschuldigung / entschuldigen sie(?: bitte)? /
        entschuldige / verzeihung / verzeihen sie / tut mir leid / es tut mir leid / tut mir sehr leid /
        das tut mir leid / sorry / pardon / bitte / bitte schön / danke / danke schön / vielen dank / danke sehr /
        mir / mich / uns / sie / wir / ich / das / es / mal / kurz / eben / einmal / vielleicht / eventuell /
        gern / gerne / lieber / gerade / jetzt / leider / ehrlich gesagt / ganz ehrlich / um ehrlich zu sein /
        wirklich / eigentlich / einfach / noch / doch / denn / dann / da / hier / erst / erst ?mal / auch / ganz /
        für mich / bitte / und / aber / oder / also / so / ja / jo / jawohl / genau / okay / ok / gut / klar /
        natürlich / sicher / ach / oh / ah / äh+m* / ähm+ / eh+m* / hm+ / mhm / [mh]{1,8} / naja / na ja / tja /
        nun / puh / ups / moment / wenn (?:es|das) (?:geht|möglich ist|okay ist|in ordnung ist) /
        wenn (?:sie|wir) (?:möchten|können|könnten|so nett wären) / zu / möglich / machen / würden / können /
        könnten / möchte / gute frage / das ist eine (?:gute|schwierige|schwere) frage / nein / nee /
        ich bin(?: mir)? nicht sicher / im moment / für den moment
        """),
    reasons=listed(r"""
        weil / da ich / da wir / da das / denn ich / denn das / sonst / damit ich / solange /
        während ich / obwohl
        """),
    asks_back=frozenset(
        listed("""
        wie bitte / bitte / hä / wie / was / entschuldigung / sorry / wie nochmal / was bitte / äh wie /
        oh entschuldigung / verzeihung / hm
        """)
    ),
    reports=word_set("""
        sagte sagen sagt gesagt fragte fragt fragen gefragt meinte meint gemeint erzählte rief schrieb geschrieben
        antwortete geantwortet so frage mail nachricht dachte gedacht bat
        """),
    denies=word_set("nie nicht nichts kein keine keinen niemals ohne kaum"),
    agrees=listed(r"""
        (?:(?:äh+m*|also|okay|ok|gut|ach|so|bitte) )*(?:ja|jo|jawohl|genau|richtig|gern|gerne|sicher|natürlich|
          auf jeden fall|bitte beenden|beenden sie|das möchte ich|das will ich|möchte ich|machen sie das|tun sie das)
        """),
    disagrees=word_set("nein nee nicht aber weiter weitermachen doch lieber moment"),
    backchannels=listed(r"""
        [mh]{2,8}(?: [mh]{2,8})? / mm+ / hm+ / mhm / aha+ / ah+ / oh+ / ach ja / ach so / achso / ach / ja genau /
        ja+ / jo / jep / jap / jawohl / okay / ok / gut / sehr gut / alles klar / klar / genau / richtig /
        stimmt / das stimmt / verstehe / ich verstehe / verstanden / natürlich / sicher / exakt / eben / schön /
        super / prima / toll / interessant / in ordnung / passt / echt / wirklich / na klar / gern / gerne /
        danke / weiter / naja / na ja / tja / äh+m* / uh huh / uh
        """),
)
