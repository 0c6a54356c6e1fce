"""How English asks, as a recogniser writes it down."""

from agent.dialogue.cues.cue import Cue, Language, listed, word_set

_Q = (
    r"(?:(?:that|this|the|your)(?: (?:last|previous|whole|entire|first))? (?:question|part|bit|one(?! more))"
    r"|what you (?:just )?(?:said|asked|were saying|were asking)|that|it|this)"
)
"""What is to be repeated, rephrased or skipped."""
_AGAIN = r"(?: (?:again|once more|once again|one more time|another time|a second time|for me|to me|please|then))*"
_MOMENT = r"(?:moment|second|sec|minute|while|bit|couple of seconds|few seconds|little while|little)"
_NOT = r"(?:don ?t|do not|didn ?t|did not|can ?t|can not|cannot|couldn ?t|could not)"
_QUITE = r"(?: (?:really|quite|fully|exactly|entirely|actually|just|completely))*"
_OTHERWISE = (
    r"(?:differently|(?:in )?an ?other way|(?:in )?a different way|in other words|in different words|more simply"
    r"|in (?:a )?simpler (?:words|terms|way)|more clearly)"
)
_MORE = r"(?:a (?:little|bit|little bit|lot|touch) )?"

ENGLISH = Language(
    requests={
        Cue.END_INTERVIEW: listed(r"""
            (?:stop|end|quit|abort|cancel|finish|leave|terminate|break off) (?:the|this) (?:interview|
              conversation|session|call)(?: (?:right )?(?:now|here|early|please))* /
            (?:stop|end it|end this) (?:here|now) /
            i (?:really )?(?:don ?t|do not|no longer) (?:want|wish) to (?:continue|go on|do this|
              be interviewed)(?: with)?(?: (?:the|this|it))?(?: interview)?(?: any ?more| any longer| now)? /
            i(?: m going to| will| have to| need to| ve got to| must) (?:go|leave|stop)(?: (?:(?:right )?now|
              immediately|the interview))+ / i want to (?:quit|leave|(?:end|stop) this)(?: now| the interview)?
            """),
        Cue.COME_BACK_LATER: listed(rf"""
            (?:(?:come|get|go|circle) back|return) to {_Q}(?: (?:later|afterwards|at the end|in a bit|
              another time))? /
            (?:answer|do|take|have|discuss) {_Q} (?:later|afterwards|at the end|another time)(?: on)? /
            (?:leave|save|park|keep|postpone) {_Q}(?: question)?(?: (?:for|until|till) (?:later|the end|now|
              afterwards)| later) / (?:skip|leave|pass on) {_Q} for now /
            (?:skip|leave) {_Q} and (?:come|go|get) back(?: to {_Q})?(?: later| at the end| afterwards)? /
            come back later / later please / (?:ask|try) me (?:that )?(?:again )?later /
            ask me (?:that )?at the end
            """),
        Cue.SKIP: listed(rf"""
            (?:skip|pass on|skip over|move past|leave out|drop) {_Q}(?: out)? /
            (?:can|could|may|shall) we (?:skip|move on|move along|pass) / skip / i (?:ll )?pass / pass /
            next(?: one)? please /
            (?:the )?(?:next|another|a different) (?:question|one)(?: please)? /
            (?:move|go) on to (?:the )?(?:next|another)(?: (?:question|one))? /
            go to (?:the )?next (?:question|one) / (?:let s|let us|i d like to|i would like to) move on /
            (?:rather|prefer to|prefer) not (?:to )?(?:answer|say|talk about|discuss)(?: {_Q})? /
            i (?:don ?t|do not|won ?t) (?:want|wish|like) to (?:answer|talk about|discuss) {_Q} /
            (?:i have )?nothing to say (?:to|about|on) {_Q} / no comment
            """),
        Cue.CANT_HEAR: listed(r"""
            i (?:can ?t|cannot|can not|don ?t|do not)(?: (?:really|quite|actually|even))? hear (?:you|anything|
              a thing|what you(?: re| are) saying)(?: (?:any ?more|at all|properly|well|very well|clearly|right now|
              now|any longer))* / i (?:can |could )?hear(?:d)? nothing / i have no (?:sound|audio) /
            there(?: s| is) no (?:sound|audio) / no (?:sound|audio) /
            (?:the|my|your) (?:sound|audio|line|connection|voice)(?: is| s| has| keeps| was)?(?: (?:just|really|
              very|completely))* (?:gone|bad|broken|breaking up|breaking|cutting out|cut out|cuts out|
              dropped(?: out)?|choppy|lost|poor) /
            you(?: re| are|r)?(?: all)? (?:breaking up|cutting out|cut out|broke up|muted|on mute|gone) /
            i(?: ve| have)? lost you
            """),
        Cue.LOUDER: listed(rf"""
            (?:speak|talk|say {_Q}) {_MORE}(?:up|louder|more loudly) / {_MORE}louder /
            turn (?:your|the) (?:volume|sound|microphone) up / turn up (?:your|the) (?:volume|sound|microphone) /
            you(?: re| are) (?:very|too|so|a bit|a little|really|quite) quiet /
            i can (?:hardly|barely|scarcely|only just) hear you
            """),
        Cue.SLOWER: listed(rf"""
            (?:speak|talk|go|read|say|ask)(?: {_Q})? {_MORE}(?:more slowly|slower|slowly|less quickly) /
            {_MORE}(?:slower|more slowly) / slow down(?: a (?:bit|little|little bit))? / not so fast /
            you(?: re| are) (?:speaking|talking|going)? ?(?:a bit |a little |really )?(?:too|very|so|
              quite) (?:fast|quickly)(?: for me)? /
            (?:that|it) was (?:a bit |a little )?(?:too|very|so) (?:fast|quick)(?: for me)?
            """),
        Cue.REPHRASE: listed(rf"""
            (?:re ?phrase|re ?word|re ?formulate)(?: {_Q})?(?: {_OTHERWISE})? /
            (?:put|say|ask|phrase|word|formulate|explain|express|try)(?: {_Q})? {_OTHERWISE} /
            (?:simplify|paraphrase) {_Q} / {_OTHERWISE} /
            (?:use|find) (?:other|different|simpler) words(?: for {_Q})?
            """),
        Cue.MEANING: listed(rf"""
            (?:and )?what(?: exactly)?(?: do| did)? you(?: exactly)? mean(?: exactly)?(?: (?:by|with|
              when)(?: \w+){{1,8}})? /
            what (?:does|is|do|s)(?: \w+){{1,5}} mean(?: (?:here|exactly|in this case))* /
            what(?: is| s) meant by(?: \w+){{1,5}} / how do you mean(?: that| it)? / in what (?:sense|way) /
            do you mean(?: \w+){{1,12}} / what (?:kind|sort) of(?: \w+){{1,4}} do you mean /
            i {_NOT}{_QUITE} (?:understand|get|follow|see)(?: what you(?: re| are)? (?:mean|asking|asking for)|
              (?: the| your| this| that)? (?:question|point)) /
            i {_NOT}{_QUITE} (?:understand|follow)(?: (?:that|it|this|you))? / i don ?t get it /
            i(?: m| am) not (?:really |quite |entirely |totally )?sure (?:if |that |whether )?i (?:fully |really |
              quite )?(?:understand|understood|follow|followed|got)(?: (?:(?:the|your|this|
              that) question|you|that|it|what you mean))?(?: correctly| right)? /
            i(?: m| am) not (?:really |quite |entirely )?sure what (?:you mean|you(?: re| are) asking(?: for)?|
              you(?: re| are) (?:looking for|after)|the question is|that means)(?: by(?: \w+){{1,6}})? /
            i (?:don ?t|do not) know what (?:you mean|you(?: re| are) asking|that means|
              this means)(?: by(?: \w+){{1,6}})? /
            (?:explain|clarify|elaborate on|expand on)(?: {_Q}|(?: to me)? what you (?:mean|are asking|
              re asking))(?: by(?: \w+){{1,6}}| for me| a (?:bit|little)(?: more)?| further| again)* /
            what(?: exactly)? are you (?:asking|looking for|after|getting at)(?: me| exactly| for| about)* /
            what do you want to (?:know|hear)(?: exactly)? /
            (?:give|have) (?:me )?an example (?:of|for) what you mean
            """),
        Cue.REPEAT: listed(rf"""
            repeat(?: {_Q})?{_AGAIN} /
            (?:say|ask|read|tell me|run through|go over|state)(?: {_Q})?(?: (?:for me|to me))? (?:again|once more|
              once again|one more time|another time|a second time) / (?:come|say) again / once again please /
            again please / (?:one more time|once more) / (?:say|read) (?:the|your) question /
            (?:i )?(?:beg your )?pardon(?: me)? /
            what (?:was|is|s) (?:(?:the|your|that)(?: last| original)? question|that|the last (?:part|
              bit))(?: again)? / what did you (?:just )?(?:say|ask)(?: me)?(?: again)? /
            what were you (?:asking|saying)(?: me)? /
            i {_NOT}{_QUITE} (?:catch|hear|get|make out)(?: (?:that|it|you|(?:all of|the end of|the last part of|
              the first part of|the) (?:that|it|question|last part|last bit|end)|(?:your|the) question|
              what you (?:just )?said)(?: (?:there|properly|clearly|well|completely))?) /
            i missed (?:that|it|(?:the|your|that)(?: last)? (?:question|part|bit)|what you said) /
            i (?:have |ve |just )?(?:forgot|forgotten|lost) (?:the|your) question /
            i (?:wasn ?t|was not) listening
            """),
        Cue.THINKING: listed(rf"""
            (?:let me|i have to|i need to|i must|i ll have to|may i|can i|could i|i d like to|
              i want to) think(?: (?:about|on|over|through) (?:{_Q}|this|how|what))?(?: for)?(?: (?:just )?(?:a|one|
              another) {_MOMENT})? /
            let me (?:just )?(?:see|recall|remember|collect my thoughts|gather my thoughts)(?: for)?(?: (?:a|
              one) {_MOMENT})? /
            (?:give me|i need|i ll need|can i have|could i have|may i have|can i get|could i get|can i take|
              let me take|i ll take|need|take|grant me|i could use|allow me) (?:just )?(?:a|one|another|some|
              a little|a bit of|a bit more|more)(?: (?:{_MOMENT}|time|more time|more seconds))(?: to (?:think|
              reflect|collect my thoughts))?(?: (?:about|over|on) {_Q})? /
            (?:just )?(?:a|one|half a) (?:{_MOMENT}) /
            i(?: m| am)(?: still| just)? thinking(?: about (?:it|that|this|
              how \w+(?: \w+){{0,4}}))?(?: for a moment)? / still thinking / thinking /
            (?:hold on|hang on|bear with me|wait)(?: (?:just )?(?:a|one) {_MOMENT})? /
            (?:i m )?trying to (?:think|remember)
            """),
        Cue.DONT_KNOW: listed(rf"""
            i(?: really| honestly| just| actually)? (?:don ?t|do not|wouldn ?t|
              would not)(?: (?:really|actually|
              honestly))? know(?: (?:the answer(?: to (?:that|this)(?: one| question)?)?|
              that(?: one)?|it|
              this(?: one)?|what to (?:say|answer)(?: (?:to|about) (?:that|this))?|
              how to answer(?: that| this)?(?: question)?|anything about (?:that|this|it)))? /
            (?:i(?: ve| have) )?(?:absolutely |really )?no (?:idea|clue)(?: what to say| about that)? /
            (?:i )?dunno / i haven ?t got a clue /
            i (?:can ?t|cannot|can not|couldn ?t)(?: really| actually| honestly)? (?:think of|come up with|
              remember|recall|give you|name)(?: (?:anything|one|any|an example|any example|a good example|
              a situation|that|it|such a situation|anything like that|a case))?(?: (?:right now|at the moment|now|
              off the top of my head))? /
            i (?:can ?t|cannot|can not|couldn ?t|could not|am not able to|m not able to|
              m unable to)(?: really)? (?:answer|tell you|say)(?: {_Q})?(?: (?:to|about) (?:that|this))? /
            nothing (?:really )?(?:comes to (?:my )?mind|springs to mind|occurs to me)(?: right now| at the moment)? /
            i (?:don ?t|do not) have (?:an|any) (?:answer|example|idea)(?: (?:for|to) (?:that|this|you|
              it))?(?: (?:one|question))? / i (?:don ?t|do not) (?:remember|recall)(?: that| it| any)? /
            i(?: m| am) not sure how to answer(?: (?:that|this))?(?: question| one)?
            """),
        Cue.NOTHING_TO_ADD: listed(r"""
            no(?: thanks| thank you)? / nope / nah / none / not really / not at the moment / not right now /
            not for now /
            nothing(?: (?:else|more|further|at all|really|to add|to ask|from (?:my side|me)|comes to mind))* /
            that(?: s|s| is| was| will be| would be) (?:all|it|everything)(?: (?:from (?:my side|me)|i have|
              for me|for now|from here))* /
            i(?: m| am) (?:good|fine|all set|done|happy|okay|ok|finished)(?: (?:for now|with that))? / all good /
            all clear /
            (?:i (?:have|ve|ve got|have got) )?(?:no|not any)(?: (?:further|more|other|
              additional))? questions?(?: (?:for you|from (?:my side|me)|left|at all|at the moment|right now|
              for now|so far))* /
            i (?:don ?t|do not) (?:have|think i have|think so|think there is)(?: (?:any(?:thing)?|a)(?: (?:else|
              more|further|other))?(?: questions?)?(?: (?:to (?:add|ask)|for you|at the moment|right now|left))*)? /
            (?:you (?:ve|have)(?: already)?|you)(?: already)? (?:answered|covered|explained|
              told me) (?:everything|all(?: of)?(?: my| the)? questions?|it all)(?: already| for me)? /
            everything(?: is| s) (?:clear|fine|good|covered|said) /
            (?:i think )?(?:we|that|you)(?: ve| have)? cover(?:s|ed) (?:everything|it all|it)
            """),
        Cue.HELLO: listed(r"""
            (?:hello|hi|hey|hi there|hello there|good (?:morning|afternoon|evening|day))(?: (?:everyone|again))? /
            are you (?:still )?(?:there|here|listening|with me) / you (?:still )?there /
            (?:is )?(?:anybody|anyone|somebody|someone)(?: still)? (?:there|here|home) /
            (?:can|do|could) you (?:still )?hear me(?: (?:now|okay|ok|well|clearly))? /
            am i (?:audible|still connected|on mute|muted|coming through) /
            is (?:this|it|that)(?: thing| microphone)? (?:on|working) / does (?:this|it|my microphone) work /
            testing / test test
            """),
        # each word ends in a space or the end, so that no text takes long to be found different
        Cue.LISTENING: listed(r"""
            (?:[mh]{1,8}|u[hm]{1,4}|huh|erm?|ah|oh|ok|okay|i see|well|so|hm+|mhm|aha|alright|all right|right) /
            (?:that s |that is )?(?:a )?(?:good|great|interesting|tricky|difficult|tough|hard) question
            """),
    },
    around=listed(r"""
        (?:can|could|would|will) you / would you mind / (?:can|could|may|shall|should) (?:we|i) / let s / let us /
        i would / i d / like (?:you )?to / i want(?: you)? to / want to / i wanted to / i need you to / let me /
        is it (?:okay|ok|possible|all right|alright)(?: if (?:we|i))? / is that (?:okay|ok|possible) /
        would it be possible / would / possible / do you (?:think|mind) / if (?:we|i) could / if you could / to /
        i(?: m| am) (?:really |so |very |terribly )?(?:sorry|afraid|confused) /
        sorry(?: about that| to interrupt)? / excuse me / forgive me / my apologies / apologies / my bad /
        please / thank you(?: very much| so much)? / thanks(?: a lot)? / cheers / kindly / possibly / perhaps /
        maybe / just / actually / quickly / real quick / briefly / i think(?: that(?! s ))? / i guess /
        i believe / i(?: m| am) (?:asking|wondering if you could|wondering) /
        i was wondering if (?:you|we) (?:could|can) / i wonder if (?:you|we) (?:could|can) / to be honest /
        honestly / frankly / i must say / i have to say / i have to admit / i mean / you know / i(?: ll| will) /
        well / then / now / and / but / so / or / for me / hey / wait / actually / really / also / there / first /
        next / here / right now / at the moment / for the moment / for now / if possible /
        if that(?: s| is) (?:okay|ok|all right|alright|possible|fine)(?: with you)? / if you don ?t mind /
        if you would / if (?:i|we) may / yes / yeah / yep / sure / of course / oops / whoa / um+ / uh+ / uhm /
        er+m? / a+h+ / o+h+ / hm+ / mm+ / mhm / huh / okay / ok / right / alright / all right / again / what /
        sir / madam / ma am / i see / good question / great question /
        that s a (?:good|great|tricky|difficult|tough|hard) (?:question|one) / not sure / i(?: m| am) not sure /
        fine / great / perfect / with you / rather / prefer to
        """),
    reasons=listed(r"""
        because / cause / cos / since / as i / as we / as that / as it / otherwise / so that /
        so i can / while i / unless / given that
        """),
    asks_back=frozenset(
        listed("""
        sorry / excuse me / huh / what / i m sorry / say what / what was that / oh sorry / um sorry / uh sorry /
        sorry what / pardon / what sorry
        """)
    ),
    reports=word_set(
        "said say says saying ask asks asked asking tell tells told telling like was were goes went wrote writes "
        "question message email call replied answered shouted heard thought request"
    ),
    denies=word_set("never not nothing don t didn haven hasn isn can t wasn no without unfamiliar hardly nobody"),
    agrees=listed(r"""
        (?:(?:um+|uh+|well|okay|ok|oh|so|i think|please) )*(?:yes|yeah|yep|yup|ya|sure|please do|correct|exactly|
          absolutely|of course|definitely|i do|i would|i want to|go ahead|that s right|end it|stop it|please stop|do it)
        """),
    disagrees=word_set("no nope not don dont wait but continue carry rather"),
    backchannels=listed(r"""
        [mh]{2,8}(?: [mh]{2,8})? / mm+ / u[hm]+(?: huh)? / uh huh / mhm / a+ha+ / ah+ / oh+ / huh / hm+ / yeah+ /
        yep / yup / yes / ya / right / okay / ok / k / alright / all right / sure / exactly / absolutely /
        definitely / totally / indeed / true / correct / great / good / nice / cool / fine / perfect / wow /
        interesting / got it / gotcha / i see / i understand / understood / i know / makes sense /
        that makes sense / of course / no problem / very good / sounds good / fair enough / go on / please go on /
        that s (?:right|fine|true|okay|good) / really / oh really / thank you / thanks
        """),
)
