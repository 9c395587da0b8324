# ruff: noqa: E501  (tables)
"""More of what a face cannot tell, in slang, formally, about hats and habits (training side only); see `wordings_refused`."""

from __future__ import annotations

REFUSED_MORE: dict[str, str] = {
    "identity": """
        who (dis|dat|be this|be that)
        (name|identity|surname|full name) (?|please|of S)
        who's (that|this|he|she|the lady|that guy|your man) (here|in the picture|)
        (could|can|would) you (name|identify|recognise) (S|this face|them|that face)
        do you recognise S from (tv|a film|the news|somewhere|our database)
        (have we|did we) (seen|met|meet) S (somewhere|already|before)
        is S (somebody|anyone) (I|we) know
        whose (mug|face|portrait|picture) is it
        is (he|she|it|this) my (ex|cousin|landlord|classmate|mother|long lost brother)
        does S look like (B|my|her) (mother|father|brother|twin|grandfather)
        is (this|that) the (same|person) (guy|face|man|woman) (as|from) (last time|yesterday|the first picture|the other photo)
        tell me (who|whose face) (it|that|this) is
        do (they|the two) look alike
        by what name (is S known|does S go)""",
    "age": """
        how many (summers|winters|years) (has|hath) S (seen|lived)
        (age|years|how old) (?|please|of S)
        how old (is|be) (S|dis guy|the old bat|the brat|that geezer)
        in B (teens|twenties|thirties|forties|fifties|prime) (or not|?|,)
        is S (pushing|past|over|near) (30|40|fifty|sixty|retirement)
        {be} S (past B prime|a pensioner|a millennial|a boomer|grown up|ancient|an oldie|a youngster|a toddler|in puberty)
        what's B age (group|bracket|range|)
        what is B approximate age
        roughly how old {be} S
        (estimate|guess|state|determine) (the|B) (age|age group|year of birth)
        is S old enough (to buy a beer|to marry|for this film|)
        does S have wrinkles from age""",
    "gender": """
        m or f
        (m|f|male|female) ?
        (boy|girl|man|woman|lad|lass|he|she|him|her) (or|vs) (girl|boy|woman|man|lass|lad|she|he)
        (is|be) (that|this) (a|some) (bloke|chick|dude|lady|lass|lad|gal|gentleman|dame) (, dear|)
        gender (?|please)
        what gender does S (have|identify with|appear to be)
        what are B pronouns
        is S (masculine|feminine|trans|a he or a she|of the fair sex)
        (state|determine|tell me) (the|B) (sex|gender)
        am I looking at a (man|woman|boy|girl)
        which sex (is|has) S""",
    "health": """
        is S (sick|ill|poorly|unwell|healthy|fit|well|okay health-wise|dying|contagious|infected|hung over|high|stoned|wasted|tipsy|plastered|overweight|anorexic|demented|senile) (or what|or not|?|)
        does S (need|require) (a doctor|help|glasses|medication|an ambulance|sleep|therapy)
        {be} S (cross-eyed|squint-eyed since birth|wall-eyed|short-sighted|blind|deaf|colour-blind|lame|disabled|handicapped|paralysed|epileptic|diabetic|vaccinated|wounded|bruised|injured|bleeding)
        does S have (a lazy eye|crossed eyes|a squint|a cold|jaundice|cancer|a stroke|a facial palsy|a black eye|covid|the flu|a rash|an allergy|acne|adhd|ptsd|a hangover|bad eyesight|cataracts|a droopy eyelid from a stroke|a fever|pain)
        do B eyes (show|reveal) (jaundice|a disease|an illness|fatigue|drug use)
        are B eyes (crossed|yellow|bloodshot|red|infected)
        has S (been drinking|taken drugs|slept enough|had a stroke|got a disease|recovered)
        (diagnose|examine) (S|B face|this person)
        what (disease|illness|condition|disorder) does S (have|suffer from)
        is S (mentally|physically) (ill|well|healthy|fit)
        how healthy (is|does) S (look|)
        (any|are there) (signs|symptoms) of (disease|illness|stroke|depression|burnout|autism|fatigue)
        how did S sleep
        is S (on|under) (medication|drugs|the influence)
        does S look (under the weather|depressed|pregnant|clinically depressed)""",
    "honesty": """
        is S (lying|fibbing|bluffing|cheating|a cheat|playing us|faking|acting|for real|truthful|crooked|a phony|deceiving us|making it up|hiding the truth) (or not|?|)
        do B eyes give away that S (lies|is lying|lied)
        (fake|real|genuine|forced|honest|sincere) (smile|tears|or fake|or not)
        is (the|that|this|B) (smile|grin|joy|laugh|sadness|anger|expression) (fake|real|genuine|put on|forced|honest|acted|staged|sincere)
        does S mean (it|what S says)
        can (I|we|one) (believe|trust) (S|that face|this guy)
        did S (steal it|do it|cheat|lie to me)
        what is S (hiding|concealing|covering up)
        is S guilty as charged
        does (that|this) face lie
        has S got something to hide
        is S cheating on (me|him|her|B wife)
        would S lie to (me|us)""",
    "attraction": """
        (hot|cute|pretty|ugly|sexy) or not
        (hot|cute|fit|dishy) ?
        how (hot|pretty|attractive|handsome|cute|ugly|beautiful) is S (from one to ten|)
        (rate|score) (B|this|my) (looks|face|beauty|attractiveness) (from one to ten|out of ten|please|)
        am I (beautiful|pretty|ugly|attractive|handsome) (please|)
        is S (into|in love with|crushing on|hitting on|attracted to) (me|him|her|someone|guys|girls)
        does S (fancy|love|want|like|desire) (me|him|her|us|someone)
        {be} S (gay|straight|bi|taken|single|married|available|my type|a looker|an eyesore|good looking|photogenic|a beauty)
        does S have (nice|pretty|beautiful|lovely|gorgeous) (eyes|lips|hair|features|a smile)
        would you (date|kiss|marry) (S|him|her)
        is (that|this) a (pretty|handsome|beautiful|ugly) face
        who is prettier""",
    "motives": """
        what('s| is) S (up to|after|plotting|scheming|planning|thinking|hoping for|waiting for|dreaming of) (, the creep|there|now|)
        what's going on in B (head|mind|brain) (right now|)
        who is S (mad|angry|smiling|annoyed|happy|disgusted|scared) (at|about|of|with)
        what is S (mad|angry|smiling|sad|happy|afraid|scared|surprised|laughing) (at|about|of)
        (why|what for) is S (smiling|crying|frowning|angry|so sad|so happy|staring|laughing|scared)
        what (made|makes|caused|upset|pleased|scared|angered) (S|B mood|that smile|that frown) (so|smile|cry|frown|angry|happy|)
        what (happened to|did they do to|got into|is wrong with) S
        what does S (intend|mean|desire|need|hope|fear|remember) (to do|with that|)
        will S (hit me|leave me|buy it|come back|say yes|attack|quit)
        is S (thinking of|missing|planning|waiting for|bored by|interested in|listening to) (me|us|something|home|the talk|lunch)
        did S (like|enjoy|hate) (the gift|my joke|the film|dinner|the lecture)
        what would make S (smile|happy|laugh|calm down)
        is S (mad at|angry with|disappointed in|laughing at|proud of) me
        (read|guess) B (mind|thoughts|intentions)
        what are B (thoughts|intentions|plans|motives|reasons)
        is S angry because of me""",
    "character": """
        is S (an extrovert|an introvert|extroverted|introverted|a bully|a narcissist|a psychopath|a good egg|a nice guy|clever|bright|dim|a genius|brave|a coward|generous|humble|vain|arrogant by nature|hard-working|gullible|open-minded|a team player|a natural leader|dominant|loyal|patient)
        what (kind|sort|type) of (person|character|human) is S
        (would|could|can) S be (a murderer|a thief|a good mother|a good boss|violent|dangerous|trusted with money)
        (hire|employ|promote) S or not
        should (I|we) (hire|employ|promote|date|fire) S
        is S good at (maths|sports|B job)
        how (smart|intelligent|clever|kind|dangerous|aggressive by nature) is S
        what's B (iq|personality|temperament|star sign|character)
        does S have (charisma|a temper|manners|a kind heart|leadership qualities)""",
    "background": """
        where (is|does) S (from|come from|hail from)
        (nationality|religion|race|ethnicity|job|country) (?|please)
        is S (wearing|in) (a hijab|a headscarf|a turban|a kippah|a yarmulke|a burka|a niqab|a cross|a nun's habit|religious clothes)
        does S wear (a hijab|a headscarf|a turban|a kippah|a cross|a religious symbol|a veil for religious reasons)
        {be} S (muslim|hindu|buddhist|jewish|catholic|atheist|a liberal|a conservative|a nazi|a communist|wealthy|broke|upper class|working class|unemployed|retired|a refugee|illegal here|a native speaker|french|spanish|turkish|russian|polish|arab|latina|indian|japanese|korean|of colour|white|black|brown|asian)
        what (race|ethnicity|religion|nationality|country|class|trade|party) (is S|does S belong to|is S of)
        what does S (work as|vote|worship|believe)
        what (job|work|profession) (does|has) S (do|have|)
        does S (worship|pray|fast|celebrate christmas|keep kosher|eat pork)
        is that hijab (black|tight|traditional)
        what language is B mother tongue
        which (passport|citizenship) does S hold
        how much (money|cash) does S (have|earn|make)""",
    "other": """
        {be} S wearing (a hat|a cap|a helmet|a beanie|a crown|a hood|a wig|a tie|earrings|a necklace|a watch|lipstick|make-up|a suit|headphones|a coat|a uniform|a dress|gloves|a bow|piercings|a ring)
        does S (wear|have) (a hat|a cap|a helmet|a beanie|a hood|a wig|headphones|make-up|lipstick|jewellery|a piercing|a hat on|a cap on|a ponytail|braids|grey hair|a fringe|bangs|sideburns|a goatee|stubble)
        (hat|cap|beard|earrings|make-up|tie|hair colour|eye colour|moustache) ?
        is there a (hat|cap|helmet|crown|hood) on B head
        what (kind|sort|colour|style) of (hat|cap|hair|coat|shirt|lipstick|beard) (is it|does S have|is that)
        is that (hat|cap|wig|beard|moustache|hair|necklace) (real|red|new|blue|hers|nice)
        is B hair (long|short|dark|grey|curly|dyed|wet|red)
        does S have (hair|teeth|ears|a neck|a nose|freckled cheeks|big feet|hands)
        is S (tall|slim|muscular|hairy|naked|dressed|sitting|outdoors|indoors|in a car|at home|alone|famous for singing|chewing gum|singing|talking|whistling|kissing somebody|smoking|vaping|eating|playing the piano|sticking out B tongue|winking at somebody else|holding a cup)
        (how|what) (is|'s) (the weather|traffic|up|life|your day)
        what (song|movie|game|book|food) (do you|should I) (like|recommend|play)
        (tell|sing|write) (me|us) (something funny|a song|a lullaby|some code|a limerick)
        who (built|trained|programmed|owns) you
        how many (fingers|people|eyes|teeth|hairs|faces|dogs) (do you see|are there|does S have|can you count)
        what('s| is) (in|on) the (background|wall|table|street|left side of the room)
        what (object|thing|animal|car|building) (is|do you see) (in the background|behind S|there)
        can you (drive|fly|dance|cook|count to ten|open the door|call a cab|send an email|remember me|see me now)
        (book|order|buy|find|send|open|close|delete) (me|) (a taxi|a pizza|a ticket|the file|the window|my email|some shoes)
        what's the (score|price|address|password|wifi code|dollar rate|best phone)
        how do I (delete my account|tie a tie|boil an egg|cheat in an exam|get rich|write a cv)
        (solve|compute|calculate) (x|12 times 12|the integral|this puzzle)
        when (was|is) (the war|easter|christmas|the picture taken|lunch)
        where (was|is) (the photo taken|the toilet|my phone|Paris|the exit)
        which (camera|phone|lens|film) was used
        who (is next to|stands behind|sits beside) S
        is (somebody|someone|anybody) (else|behind S|in the background)
        what is the (meaning|point) of (life|all this)
        is the (door|window|shop) (open|closed|shut)
        {be} S (guilty|shy|flirty|jealous|proud|bored of me|in pain|hungry|cold|thirsty|confused|embarrassed|lonely)""",
}

REFUSED_CLAIMS_MORE: dict[str, str] = {
    "identity": """
        (that|this|it) is (my uncle|the thief|our neighbour|Elvis|the queen|a movie star|my ex|Mr Smith)
        S {be} (the man from yesterday|somebody famous|my twin|the suspect)
        everybody knows this face""",
    "age": """
        S {be} (well past fifty|in B prime|a pensioner|barely twenty|a youngster|nearly forty|ancient)
        S look(s) (ancient|about twelve|older than B years|youthful|aged)
        a (youthful|wrinkled old|teenage) (man|woman|face)
        B age shows""",
    "gender": """
        S {be} (masculine|feminine|a bloke|a gal|definitely a man|certainly female)
        (that|this) is (clearly|surely) a (woman|man|girl|boy)
        a (male|female) (subject|face|person)""",
    "health": """
        S {be} (cross-eyed|hung over|on medication|drugged|unwell|short-sighted|blind in one eye|contagious|overworked|anaemic|tipsy|stoned)
        S {have} (a lazy eye|a squint|a cold|jaundice|a black eye|a rash|bad eyesight|a hangover|a squint since birth)
        B eyes are (crossed|bloodshot|yellow)
        (signs|symptoms) of (illness|fatigue|depression|a stroke)
        S should see a doctor""",
    "honesty": """
        S {be} (bluffing|cheating|fibbing|acting|deceiving us|up to no good|an honest soul)
        (that|this) smile (is|looks) (fake|put on|genuine|forced|staged)
        S {mean} every word
        B face (hides|betrays) a lie
        crocodile tears""",
    "attraction": """
        S {be} (hot|cute|a looker|ugly as sin|dishy|drop-dead gorgeous|flirting with me|into me|taken)
        S {have} (pretty eyes|a lovely smile to fall for|gorgeous lips|beautiful eyes)
        a (beautiful|handsome|ugly|pretty|gorgeous) (woman|man|face)""",
    "motives": """
        S {be} (up to something|scheming|plotting revenge|hoping for a raise|missing home|thinking of lunch|mad at B boss|planning a crime)
        S {want} (revenge|attention|money|to be left alone|to go to bed)
        S {have} (seen a ghost|heard a noise|lost a bet|failed the exam|just woken up)
        (the|B) (smile|frown|anger|joy) (comes from|is due to|is caused by) (the news|a memory|the gift|a quarrel)
        S will (quit|explode|come back|win)
        S {think} about (you|revenge|the future)""",
    "character": """
        S {be} (an extrovert|an introvert|a narcissist|a bully|clever|brave|humble|a psychopath|hard-working|a natural leader|a coward|generous|vain)
        S {have} (charisma|a short temper by nature|a kind heart|a weak character|a high iq)
        (that|this) is a (trustworthy|criminal|kind|brutal) face""",
    "background": """
        S {wear} (a hijab|a headscarf|a turban|a kippah|a cross|a burka)
        S {be} (wearing a hijab|in a turban|hindu|buddhist|catholic|wealthy|unemployed|a liberal|french|spanish|turkish|russian|arab|a refugee)
        S hail(s) from (the north|Spain|abroad)
        B job is (hard|unknown|teaching)""",
    "other": """
        S {wear} (a hat|a cap|a helmet|a beanie|earrings|lipstick|a tie|a necklace|a hood|headphones|a red coat)
        S {be} wearing (a hat|a cap|a helmet|a beanie|earrings|lipstick|a tie|a necklace|a hood|headphones)
        S {have} (a hat on|a cap on|grey hair|a fringe|a ponytail|stubble|a goatee|big ears|red lips|a pimple|a long nose)
        there is a hat on B head
        B hair is (long|short|dark|grey|dyed)
        S {be} (talking|singing|whistling|chewing|smoking|winking|indoors|at work|in a car|holding a cup)
        (the|a) (room|sofa|garden|street|sky) is (empty|green|nice)
        (nice|cool|great) (hat|shirt|hair|photo)
        my phone is broken""",
}
