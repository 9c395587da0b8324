# ruff: noqa: E501  (tables)
"""More words for cues: slang, clinical, old-fashioned, short forms (training side only); syntax of `wordings_aspects`."""

from __future__ import annotations

CUES_MORE: dict[str, dict[str, str]] = {
    "smile": {
        "be": """S: all smiles; beaming; beaming like the sun; grinning from ear to ear; cracking a smile; cracking up; smirking; flashing a smile; grinning like a fool; sporting a grin; showing a big smile; smiley; smiling away; chuckling; giggling; smiling broadly; smiling faintly; smiling sweetly; grinning like a cheshire cat; smiling like crazy; smiling a tiny bit
            B face: lit up by a smile; all smiles; split by a grin; creased by a smile
            B* lips: curved in a smile; curling upward; drawn up in a smile; bent upward; pulled into a smile
            the corners* of B lips: turned up; drawn up; lifted; pulled up; raised
            B mouth: curved into a smile; smiling; curling up at the ends; in the shape of a smile; turned upwards""",
        "do": """S: grin; beam; smirk; crack a smile; crack a grin; flash a smile; flash B teeth in a grin; sport a smile; break into a smile; put on a smile; wear a grin; smile from ear to ear; show the teeth in a smile; manage a smile; give a smile; offer a smile; force a smile onto the lips; smile at the lens; raise the corners of the mouth; curl the lips upward; smile like a crocodile
            B* lips: form a smile; curl upward; curve up; make a smile
            a smile: play on B lips; sit on B lips; cross B face; light up B face; spread over B face; adorn B face; grace B mouth""",
        "np": "a grin; a smirk; a big grin; a cheesy smile; a toothy grin; a toothy smile; a beaming smile; a half smile; a wide grin; a tiny smile; a hint of a smile; a trace of a smile; the ghost of a smile; a shadow of a smile; a crooked smile; a curve of a smile; a smiley face; a smiling mouth; a smiling face; smiling lips; upturned lips; lips curved in a smile; a pair of smiling lips; a visible smile; a smile of some sort; an upward curl of the lips; elevated mouth corners; elevation of the lip corners; AU 12; lip corner puller activity; bilateral elevation of the mouth corners; a grin from ear to ear; a laugh on the lips",
        "-be": """S: unsmiling; straight-faced; poker-mouthed; stone-faced without a smile; not in a smiling mood of the mouth
            B mouth: unsmiling; straight as a ruler; flat
            B* lips: unsmiling""",
        "-do": """S: keep the smile to B self; withhold the smile; skip the smile; forget to smile; hold back the smile""",
        "-np": "an unsmiling face; an unsmiling mouth; a smileless face; a flat line of a mouth",
    },
    "mouth_open": {
        "be": """B mouth: agape; gaping; ajar; wide open; hanging open; hanging wide open; open like a fish; open as a barn door; half open; a bit open; parted; opened wide; standing open; not shut but open; unclosed
            B gob: open; wide open; hanging open; gaping
            B trap: open; wide open
            B jaw: dropped; hanging; hanging down; on the floor; slack; lowered
            B* lips: apart; parted wide; separated; not touching; asunder; unsealed; slightly apart; open
            S: open-mouthed; slack-jawed; gaping; yawning; gawping; agape; mouth-breathing""",
        "do": """S: gape; gawp; yawn; have the mouth open; have the lips apart; open B mouth; open B gob; drop the jaw; let the jaw hang; leave the mouth open; stand there open-mouthed; part the lips; separate the lips; show an open mouth
            B* lips: part; come apart; stand apart
            B jaw: drop; hang down; fall open
            B mouth: gape; hang open; stand open; fall open; open""",
        "np": "an open gob; a gaping mouth; a dropped jaw; a slack jaw; an open jaw; parted lips; lips apart; a gap between the lips; an opening between the lips; an open-mouthed look; mouth opening; an oral opening; jaw drop; AU 26; AU 25; AU 27; lips part; a wide-open mouth; a mouth like a fish; an agape mouth; space between the lips; a yawn",
        "-be": """B mouth: closed; shut; shut tight; sealed; clamped shut; zipped; firmly closed; tightly closed; pursed shut; zipped up; closed like a clam; kept shut
            B trap: shut; closed; zipped
            B gob: shut; closed
            B* lips: closed; sealed; shut; together; touching; pressed tight; zipped; pursed; in contact; joined; on top of each other; meeting; glued together; tight
            S: closed-mouthed; tight-lipped; close-lipped; keeping B mouth shut; keeping B trap shut""",
        "-do": """S: keep B mouth shut; keep B trap shut; shut B trap; close B gob; keep B* lips together; keep the lips sealed; purse the lips; seal the lips; zip the mouth; hold the mouth closed
            B* lips: touch each other; refuse to part; stay closed; stay sealed; meet; make contact
            B mouth: stay closed; stay shut; remain shut""",
        "-np": "a shut gob; sealed lips; a zipped mouth; touching lips; pursed lips; tight lips; a tightly closed mouth; lips pressed together; lip contact; lips together; a mouth shut tight; full lip closure",
    },
    "inner_brows_raised": {
        "be": """the inner* tips of B eyebrows: raised; lifted; up; pulled up; drawn upward; higher than normal; elevated
            the inner* parts of B brows: raised; pulled up; up; lifted; elevated; drawn up
            B* inner brow ends: raised; up; lifted
            the inside* of B eyebrows: raised; up; lifted
            the inner* halves of B eyebrows: lifted; raised; pulled up
            the part of B brows near the nose: raised; pulled upward; lifted; up; drawn up
            the middle part of B brows: raised; lifted; pulled upward
            the eyebrow* ends next to the nose: up; raised; pulled up; lifted""",
        "do": """S: raise the inner corners of the brows; lift the brows at the inner ends; lift the inside of the eyebrows; pull the brows up near the nose; raise the eyebrows in the middle; have the inner brows up; hold the inner brows up; tent the brows
            B* brows: go up near the nose; rise at the inner end; rise in the middle; rise toward the middle of the forehead; go up on the inside; slant upward in the middle
            B* inner brows: go up; rise; lift; climb; point up; shoot up""",
        "np": "inner brows up; raised inner ends of the eyebrows; lifted inner brow corners; brows up in the middle; an elevated inner brow; inner brow elevation; elevation of the medial brow; medial brow elevation; AU 1; brows raised near the nose; an inner eyebrow raise; a lift of the inner brows; a raise of the inner brow; inner eyebrow ends pulled up; tented brows; sad puppy brows",
        "-be": """B* inner brows: unraised; at rest; relaxed and low; where they always are; in their normal place; flat""",
        "-do": """B* inner brows: stay down; stay in place; stay put; rest; stay flat; stay where they are""",
    },
    "outer_brows_raised": {
        "be": """the outer* tips of B eyebrows: raised; lifted; up; pulled up; elevated; higher than usual
            the outer* parts of B brows: raised; pulled up; up; lifted; elevated
            B* outer brow ends: raised; up; lifted
            the outside* of B eyebrows: raised; up; lifted
            the outside tips* of B eyebrows: going up; up; raised; lifted
            the outer* halves of B brows: lifted; raised; pulled up
            the part of B brows near the temples: raised; up; lifted; pulled upward
            B* brows: up on the outside; raised toward the temples; lifted at the far ends; raised at the outer tips""",
        "do": """S: raise the outer ends of the brows; lift the brows on the outside; lift the outside of the eyebrows; pull up the outer brows; raise the eyebrows at the outer ends; have the outer brows up; raise the brow tails
            B* brows: go up on the outside; rise at the outer end; go up at the temples; climb at the outer tips
            B* outer brows: go up; rise; lift; climb; point up; shoot up""",
        "np": "outer brows up; raised outer ends of the eyebrows; lifted outer brow corners; brows up on the outside; an elevated outer brow; outer brow elevation; lateral brow elevation; elevation of the lateral brow; AU 2; brows raised at the temples; an outer eyebrow raise; a lift of the outer brows; a raise of the outer brow; outer eyebrow tips pulled up; raised brow tails",
        "-be": """B* outer brows: unraised; at rest; relaxed and low; in their normal place; flat""",
        "-do": """B* outer brows: stay down; stay in place; stay put; rest; stay flat; stay where they are
            the outer* eyebrow tips: stay where they are; stay down; stay put""",
    },
    "brows_raised": {
        "be": """B* brows: hiked; up in the air; sky high; arched upward; lifted way up; uplifted; up
            B* eyebrows: up in the air; sky-high; in the hairline; up at the hairline; cocked; hiked; raised high; shooting up
            S: raising a brow; raising an eyebrow; raising the brows; lifting both eyebrows""",
        "do": """S: cock an eyebrow; hike the eyebrows; have the brows up; have raised eyebrows; raise B eyebrows; throw up the eyebrows
            B* eyebrows: move up; jump up; reach for the hairline""",
        "np": "brows up; eyebrows up; hiked eyebrows; cocked eyebrows; sky-high eyebrows; brow elevation; elevated eyebrows; eyebrows in the hairline",
        "-be": """B* eyebrows: unraised; resting; in the usual place""",
    },
    "brows_lowered": {
        "be": """B* brows: furrowed; knitted together; contracted; pulled together; down; scrunched up; squeezed together; low; bunched; crumpled; beetling
            B* eyebrows: furrowed; scrunched; pulled down; drawn down; pinched together; low; knitted; drawn low; down
            B brow: furrowed; knitted; creased; knit; wrinkled between the eyes; contracted
            S: furrowing B brow; furrowing the brows; frowning with the brows; glowering; scowling; lowering the eyebrows; knitting B brows; pulling the eyebrows down""",
        "do": """S: furrow B brow; furrow the brows; furrow the eyebrows; pull the eyebrows down; pull down the brows; draw the eyebrows together; knit the brow; glower; scowl; frown with the brows; contract the brows; scrunch up the brows; squeeze the eyebrows together; wrinkle the brow; lower the eyebrows; give a frown; wear a frown
            B* brows: contract; move down; sink; come down; pull together; bunch up; sit low; meet in the middle
            B* eyebrows: lower; move down; sit low; sink; furrow""",
        "np": "brows down; eyebrows down; a furrow between the brows; a frown line; frown lines; furrowed eyebrows; contracted brows; a furrow of the brow; a creased brow; a knit brow; knitted brows; scrunched brows; eyebrows pulled down; lowered and drawn brows; brow lowering; corrugator activity; AU 4; glabellar lines; a dark frown; a brow furrow; low brows",
        "-be": """B* brows: unfurrowed; relaxed; smooth; unknitted; at ease
            B brow: unfurrowed; smooth; relaxed; uncreased; clear of furrows
            B forehead: smooth; unlined between the brows""",
        "-np": "an unfurrowed brow; a smooth brow; relaxed brows; unfurrowed brows; a smooth forehead between the brows",
    },
    "corners_down": {
        "be": """the corners* of B lips: down; turned down; pulled down; drawn down; pointing down; drooping; depressed; lowered
            the mouth corners*: down; turned down; pulled down; drooping; depressed; low; pointing downwards
            B mouth: drooping; drooping at the ends; sagging; an upside-down u; bent downward; turned down at the ends; downcurved; droopy
            B* lips: drooping; bent downward; pulled down at the ends; curved down""",
        "do": """the corners* of B lips: point downward; point down; go down; droop; turn down; hang; sag
            B mouth: droop at the ends; curve downward; point down at the corners; hang down at the sides; bend down
            B* lips: curve down; droop; turn down at the ends
            S: pull the corners of the mouth down; turn down the corners of the lips; pull a long mouth; make a sad mouth""",
        "np": "drooping corners; corners of the mouth turned down; mouth corners down; downturned lips; a downturned mouth; a droopy mouth; a mouth drooping at the ends; depressed lip corners; lip corner depression; depression of the mouth corners; AU 15; downward mouth corners; lips curved down; a sad mouth; a mouth like an upside-down u; sagging lips; mouth ends pointing down",
        "-be": """the corners* of B mouth: level; in a straight line; neutral and level
            the mouth corners*: level; not low but level""",
    },
    "eyes_wide": {
        "be": """B* eyes: as big as saucers; as big as dinner plates; as big as plates; stretched wide; wide as can be; enormous; goggling; widened with the lids pulled back; extra wide; open extremely wide; big and round; on stalks
            B* peepers: wide; wide open; popping out; huge
            B* eyelids: stretched far apart; pulled wide; retracted; wide apart
            S: goggling; goggle-eyed; bug-eyed; saucer-eyed; wide in the eyes; popping B eyes""",
        "do": """S: goggle; widen B eyes; pop the eyes; open B eyes very wide; open the eyes as wide as can be; bulge the eyes; raise the upper eyelids; make big eyes
            B* eyes: pop out; goggle; open very wide; grow huge; go wide; get big""",
        "np": "eyes wide; eyes wide open; eyes as big as saucers; goggle eyes; saucer eyes; big round eyes; widening of the eyes; widened lids; eye widening; upper lid retraction; lid retraction; AU 5; raised upper lids; bug eyes; enormous eyes; eyes like plates; popping eyes",
        "-be": """B* eyes: slits; like slits; screwed up; half shut; narrowed down; reduced to slits; hooded; pinched
            S: squinting; narrow-eyed""",
        "-do": """S: screw up the eyes; squint; peer through narrow slits""",
        "-np": "slit eyes; eyes like slits; narrow slits for eyes; hooded eyes; half-closed eyes; unwidened eyes",
    },
    "eyes_closed": {
        "be": """B* eyes: shut; shut tight; closed shut; tightly closed; sealed; screwed shut; clamped shut; not open but shut; closed as in sleep
            B* peepers: shut; closed; shut tight
            B* eyelids: down; lowered fully; drawn over the eyes; shut; fully lowered; closed
            B* lids: closed; shut; down; fully lowered
            S: sleeping; asleep; dozing; snoozing; napping; fast asleep; mid-blink; resting B eyes; having B eyes shut""",
        "do": """S: shut B eyes; close B eyes; keep B eyes shut; have B eyes closed; have B eyes shut; squeeze B eyes shut; blink in this shot; doze; nap; snooze; rest B eyes
            B* eyelids: stay down; hide the eyeballs; cover the eyeballs; touch
            B* eyes: stay closed; stay shut; close; shut""",
        "np": "eyes shut; eyes closed; closed lids; shut lids; closed peepers; both eyes shut; both eyes closed; a blink; eye closure; full eyelid closure; bilateral eye closure; AU 43; lids down; eyelids closed; sleeping eyes; shut peepers",
        "-be": """B* eyes: open; not closed; opened; open normally; visible and open; unclosed; awake and open
            B* peepers: open
            B* lids: open; up
            both* of B eyes: open
            S: awake; wide awake; looking with open eyes; having B eyes open""",
        "-do": """S: have B eyes open; keep B eyes open; open B eyes; look with open eyes; have both peepers open
            B* eyes: stay open; open""",
        "-np": "eyes open; open peepers; both eyes open; open lids; open eyelids; an open-eyed look",
    },
    "looking_at_camera": {
        "be": """S: staring right at us; staring straight at the lens; looking right at the camera; looking straight into the camera; gazing at the viewer; eyeballing the camera; facing the lens with B gaze; looking at the photographer; looking at the person behind the camera; looking at the lens; looking dead ahead; glaring at the camera; looking straight at the viewer; peering at the camera; looking frontally into the lens; holding eye contact
            B gaze: straight at the camera; aimed at the lens; on the viewer; at the camera; at the lens; locked on the lens; frontal
            B* eyes: on the lens; aimed at the camera; straight on the camera; at the lens; staring at us; looking right into the lens""",
        "do": """S: stare at the camera; stare right at us; stare straight into the lens; keep eye contact; have eye contact; look straight at the viewer; look at the lens; look right into the camera; lock eyes with the camera; eye the camera; eyeball us; look at the photographer; gaze at us; look into the lens
            B gaze: meet the lens; meet the viewer; hit the camera; lie on the lens; face the camera
            B* eyes: meet the lens; face the camera; stare at the camera; aim at the camera""",
        "np": "a look straight at the camera; eye contact with the viewer; a camera-directed gaze; gaze at the camera; a stare into the lens; a gaze into the lens; a look into the lens; mutual gaze; eyes on the camera; eyes on the lens; gaze toward the camera; a direct look",
        "-be": """S: looking off; looking somewhere other than the camera; looking anywhere but at the camera; avoiding the lens; ignoring the camera; not facing us with B gaze; gazing off; looking off-camera
            B gaze: off the lens; off the camera; not on the lens; diverted; turned aside
            B* eyes: off the camera; off the lens; elsewhere; not on the lens""",
        "-do": """S: avoid the lens; avoid the camera; dodge the lens; ignore the lens; gaze past the camera; look anywhere but at the camera; shun eye contact; refuse eye contact; lack eye contact
            B gaze: miss the camera; avoid the camera; leave the lens""",
        "-np": "eyes off the lens; eyes off the camera; gaze aversion; a gaze off camera; no eye contact; absent eye contact; a look past the camera; averted gaze",
    },
    "looking_left": {
        "be": """S: looking leftwards; peeking left; staring left; eyeing something on the left; looking over to the left; gazing left; looking to the left-hand side; looking at the left edge
            B gaze: leftward; left; pointing left; drifting left; aimed to the left; to the left side; aimed at the left edge
            B* eyes: left; pointing leftwards; on the left side; aimed left; rolled to the left; shifted left; deviated to the left; going left
            B* pupils: on the left; shifted left; to the left""",
        "do": """S: look leftwards; peek left; stare left; eye something on the left; glance over to the left; gaze left
            B gaze: go left; turn left; aim left; wander left; point to the left edge
            B* eyes: go to the left; shift left; turn left; move left; dart left""",
        "np": "gaze to the left; gaze direction : left; gaze left; eyes left; eyes to the left; a left gaze; leftward gaze; gaze deviation to the left; a look left; eyes pointing left; a leftward look",
    },
    "looking_right": {
        "be": """S: looking rightwards; peeking right; staring right; eyeing something on the right; looking over to the right; gazing right; looking to the right-hand side; looking at the right edge
            B gaze: rightward; right; pointing right; drifting right; aimed to the right; to the right side; aimed at the right edge
            B* eyes: right; pointing rightwards; on the right side; aimed right; rolled to the right; shifted right; deviated to the right; going right
            B* pupils: on the right; shifted right; to the right""",
        "do": """S: look rightwards; peek right; stare right; eye something on the right; glance over to the right; gaze right
            B gaze: go right; turn right; aim right; wander right; point to the right edge
            B* eyes: go to the right; shift right; turn right; move right; dart right""",
        "np": "gaze to the right; gaze direction : right; gaze right; eyes right; eyes to the right; a right gaze; rightward gaze; gaze deviation to the right; a look right; eyes pointing right; a rightward look",
    },
    "looking_sideways": {
        "be": """S: side-eyeing; looking out of the corner of the eye
            B* eyes: sideways; to the side
            B gaze: to the side; lateral""",
        "do": """S: give the side-eye; look out of the corner of the eye; peek sideways""",
        "np": "a side-eye; a lateral gaze; a sidelong look; a sideways gaze",
    },
    "looking_up": {
        "be": """S: looking upwards; peering up; staring up; gazing at the sky; staring at the ceiling; looking heavenward; looking above; looking up high; looking to the heavens; looking up at the ceiling
            B gaze: upward; up high; pointing up; pointed at the ceiling; aimed up; heavenward; raised; going up; elevated; directed at the ceiling; directed up
            B* eyes: up; upward; raised; on the ceiling; rolled upward; going up; lifted; looking up; pointing up; elevated""",
        "do": """S: look upwards; peer up; stare up; glance up; look to the sky; raise B gaze; raise the eyes; lift the gaze; lift B eyes; look heavenward; turn the eyes up
            B gaze: go upward; aim up; rise to the ceiling; lift
            B* eyes: go upward; roll up; turn up; rise; aim up""",
        "np": "gaze up; eyes up; upward gaze; gaze direction : up; a raised gaze; eyes to the ceiling; eyes toward the sky; a look up; a glance up; an elevated gaze; eyes rolled up",
        "-do": """S: avoid looking up""",
    },
    "looking_down": {
        "be": """S: looking downwards; peering down; staring down; looking at B shoes; looking at the table; looking at B feet; looking to the ground; looking below; studying the floor; gazing at the floor
            B gaze: downward; down low; pointing down; lowered to the floor; aimed down; on the floor; on the ground; going down; dropped; sunk; directed at the floor
            B* eyes: down; downward; on the ground; sunk; going down; dropped; looking down; pointing down; cast to the floor; lowered to the floor""",
        "do": """S: look downwards; peer down; stare down; stare at the floor; look at B shoes; look to the floor; drop B gaze; lower B gaze; lower B eyes; cast B eyes down; cast down the eyes; study the floor; turn the eyes down
            B gaze: go downward; aim down; fall; sink; rest on the floor; hit the floor
            B* eyes: go downward; turn down; sink; fall; aim down""",
        "np": "gaze down; eyes down; downward gaze; gaze direction : down; a dropped gaze; eyes on the floor; eyes to the ground; a look down; a sunk gaze; eyes cast down; a downcast look",
        "-do": """S: avoid looking down""",
    },
    "head_left": {
        "be": """B head: swivelled to the left; swivelled left; rotated left; leftward; turned leftwards; yawed to the left; twisted left; pivoted to the left; to the left; left
            B face: swivelled leftwards; swivelled to the left; rotated left; turned left; facing the left edge; toward the left; leftward""",
        "do": """S: rotate the head to the left; swivel the head left; turn B head left; face the left side; twist the head to the left; move the head to the left
            B head: swivel left; rotate left; point left; face the left edge; go left; turn leftwards""",
        "np": "head left; head to the left; head turned left; face turned left; leftward head rotation; rotation of the head to the left; head rotation toward the left; left head yaw; yaw to the left; a turn of the head to the left; head facing left",
    },
    "head_right": {
        "be": """B head: swivelled to the right; swivelled right; rotated right; rightward; turned rightwards; yawed to the right; twisted right; pivoted to the right; to the right; right
            B face: swivelled rightwards; swivelled to the right; rotated right; turned right; facing the right edge; toward the right; rightward""",
        "do": """S: rotate the head to the right; swivel the head right; turn B head right; face the right side; twist the head to the right; move the head to the right
            B head: swivel right; rotate right; point right; face the right edge; go right; turn rightwards""",
        "np": "head right; head to the right; head turned right; face turned right; rightward head rotation; rotation of the head to the right; head rotation toward the right; right head yaw; yaw to the right; a turn of the head to the right; head facing right",
    },
    "head_turned": {
        "be": """B head: rotated to the side; turned aside; swivelled; yawed; rotated away""",
        "do": """S: turn B head aside; rotate the head; swivel the head""",
        "np": "head rotation; a rotated head; head turned; head turned away; head yaw; a rotation of the head",
        "-be": """B head: not turned but straight; straight ahead; dead straight; in frontal position; directed forward; facing front
            B face: directed forward; facing front; turned to nobody but us""",
        "-np": "a frontal head position; a forward-facing head; a straight head position",
    },
    "head_up": {
        "be": """B head: up; raised up; raised high; lifted up; tilted upward; pitched up; pitched upward; angled up; tipped up; upwards; tossed back; craned back
            B chin: up; up high; raised up; lifted up; in the air; jutting up; tilted upward; elevated""",
        "do": """S: keep B chin up; put B head up; lift B chin; throw B head back; raise B head; hold B chin up; tilt the head upward; keep B head high; pitch the head up; stick the chin up
            B head: go back; tip up; rise; pitch up
            B chin: point upward; go up; stick up""",
        "np": "head up; chin up; upward head pitch; upward pitch of the head; head tilted up; head raised; a chin in the air; a head thrown back; an upward tilt of the head; head extension; head elevation; an uplifted head; an uplifted chin; head lifted",
    },
    "head_down": {
        "be": """B head: down; pitched down; pitched downward; hung; angled down; tipped down; downwards; sunk; bowed low; bent down; bent forward; hanging low; lowered down
            B chin: down; on the chest; pulled in; sunk; tucked down; drawn in""",
        "do": """S: have B head down; keep B head down; bow B head; hang B head; dip the head; duck the head; let the head hang; bend the head down; bend B head; sink the head; pitch the head down; lower B head; put B chin down
            B head: go down; sink; droop; hang down; bow; pitch down; tip forward
            B chin: rest on the chest; go down; sink""",
        "np": "head down; chin down; chin to the chest; downward head pitch; downward pitch of the head; head bowed; head lowered; a hung head; a drooping head; a downward tilt of the head; head flexion; a dipped head; a sunk head; head hanging; bowed head",
        "-be": """B head: unbowed; not down but level; held level""",
    },
    "head_tilted": {
        "be": """B head: inclined sideways; inclined; aslant; slanting; leaning; at an angle; crooked; tipped sideways; tipped to one side; lopsided; askew; laterally inclined; rolled to the side; on one side; bent sideways; leaning sideways; slanted to the side
            S: cocking B head; tilting B head to the side; leaning B head over; inclining the head""",
        "do": """S: cock B head; incline the head; incline B head sideways; slant the head; tip B head to the side; lay the head on one side; lean B head to one shoulder; bend the head sideways
            B head: slant; incline; slope; tilt to one side; lean over; lean to a shoulder; hang to one side""",
        "np": "head tilt; head tilted; head cocked; head askew; a lateral head tilt; lateral inclination of the head; head roll; a roll of the head; an inclined head; a slanted head; a sideways lean of the head; a crooked head; a head on one side; a head at an angle",
        "-be": """B head: upright; straight up; not slanted but upright; dead level; plumb; without any slant; vertical; held upright; straight upright
            S: holding B head upright; keeping B head level""",
        "-do": """S: keep B head upright; keep the head level; hold B head straight up; hold the head level""",
        "-np": "an upright head position; a level head position; an upright head; a head without slant",
    },
}  # fmt: skip
