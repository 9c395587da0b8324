# ruff: noqa: E501  (tables)
"""More words for aspects: slang, clinical, old-fashioned, short forms (training side only); syntax of `wordings_aspects`."""

from __future__ import annotations

MORE: dict[str, dict[str, str]] = {
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
    "glasses": {
        "be": """S: four-eyed; spectacled; a four-eyes; a glasses wearer; a spectacle wearer; with specs on; with glasses on; sporting glasses; sporting specs; sporting spectacles; rocking glasses; wearing specs; wearing bifocals; wearing a monocle; wearing goggles for reading; wearing B glasses
            glasses*: on; there; present; worn; on the face
            specs*: on B nose; on; worn
            spectacles*: on B nose; on; worn""",
        "do": """S: have specs on; have spectacles on; sport spectacles; rock glasses; need glasses and wear them; wear specs; have glasses on B nose; keep B glasses on; have B glasses on; wear B specs; put glasses on; peer through glasses; look through spectacles; don spectacles
            glasses*: frame B eyes; rest on B nose; adorn B face
            spectacles*: sit on B nose; rest on B nose""",
        "np": "specs; a pair of specs; reading glasses; eyewear; glasses on the face; glasses on the nose; spectacles on the nose; a spectacle frame; four eyes; bifocals; a monocle; glasses frames; vision correction; corrective eyewear; lenses; a pair of glasses; a pair of eyeglasses; optical glasses",
        "-be": """S: glassesless; without glasses; bare-faced without specs; free of eyewear; spectacle-free; lacking glasses
            B glasses*: off; gone; taken off; in the case; removed; missing
            B face: bare of eyewear; free of glasses; without specs; bare of glasses""",
        "-do": """S: take B glasses off; take the glasses off; have B glasses off; leave the glasses at home; go without glasses; do without specs; remove B spectacles""",
        "-np": "a bare face without glasses; missing glasses",
    },
    "mouth_covered": {
        "be": """B mouth: occluded; out of view; not in view; behind something; behind a scarf; behind a cup; blocked from view; veiled; masked off; tucked behind a collar; invisible; covered by a hand; shielded; muffled by a scarf
            B gob: covered; hidden
            B* lips: out of sight; behind a mask; occluded; veiled; invisible
            something: in front of B mouth; over B mouth; on B lips; between us and B mouth
            anything: in front of B mouth; over B mouth; on B mouth
            S: masked; in a mask; hiding B mouth; covering B mouth; covering B mouth with a hand; wearing a mask over the mouth; veiled below the nose""",
        "do": """S: hide B mouth; hide B mouth behind a hand; cover B mouth; cover B lips; hold a hand before the mouth; keep B mouth hidden; wear a mask; wear a surgical mask; put a hand over the mouth; shield the mouth
            anything: hide B mouth; cover B mouth; block B mouth; obstruct B mouth
            something: hide B mouth; conceal B mouth; obscure B mouth; be over B mouth; obstruct B mouth; be in front of B mouth; cover B lips
            a mask: cover B mouth; hide B mouth; hide the lower face
            a hand: be over B mouth; block B mouth; obscure B mouth
            a cup: hide B mouth; cover B mouth; block B lips""",
        "np": "a mask over the mouth; mouth occlusion; occlusion of the mouth; a blocked mouth; a concealed mouth; mouth covered; mouth hidden; a mask on the face; a hand before the mouth; a scarf in front of the mouth; an obstruction of the mouth; a covering over the mouth; something over the mouth; something hiding the mouth; something blocking the mouth; anything over the mouth",
        "-be": """B mouth: in plain view; in plain sight; unobstructed; unmasked; unblocked; unoccluded; not hidden but visible; fully visible; uncovered; out in the open; there to see; free of any cover; perfectly visible
            B* lips: unobstructed; in plain view; exposed; fully visible""",
        "-do": """B mouth: show completely; show fully; lie bare; remain in view""",
        "-np": "an uncovered mouth; a visible mouth; an unobstructed mouth; an unobstructed view of the mouth; a clear view of the mouth; a free mouth",
    },
    "eyes_covered": {
        "be": """B* eyes: occluded; out of view; not in view; behind shades; behind something; blocked from view; veiled; behind a hand; behind dark lenses; masked; invisible; behind B hair; shielded; under a blindfold; tucked under a cap
            something: in front of B eyes; over B eyes; on B eyes; between us and B eyes
            anything: in front of B eyes; over B eyes; on B eyes
            S: in sunglasses; in shades; blindfolded; hiding B eyes; covering B eyes; wearing shades; wearing ray-bans; wearing dark lenses; wearing an eye mask; hiding behind sunglasses; covering B eyes with a hand
            sunglasses*: on B nose; on; worn
            shades*: on; on B face""",
        "do": """S: hide B eyes; cover B eyes; cover B eyes with both hands; have shades on; hold a hand over the eyes; keep B eyes hidden; rock shades; sport sunglasses; shield the eyes from view; hide behind sunglasses
            anything: hide B eyes; cover B eyes; block the eyes; obstruct B eyes; block the view of B eyes
            something: hide B eyes; conceal B eyes; obscure B eyes; be over B eyes; obstruct B eyes; be in front of B eyes; block the eyes; block the view of B eyes; cover the eyes
            a hand: be over B eyes; block B eyes; hide the eyes
            shades*: hide B eyes; cover the eyes
            hair: hide B eyes; cover B eyes; hang over B eyes
            a hat: hide B eyes; cover B eyes""",
        "np": "sunnies; shades over the eyes; eye occlusion; occlusion of the eyes; blocked eyes; concealed eyes; eyes covered; eyes hidden; dark lenses; tinted glasses; a hand before the eyes; an obstruction of the eyes; a covering over the eyes; something over the eyes; something hiding the eyes; something blocking the eyes; anything over the eyes; ray-bans; a hand over both eyes; a sleep mask",
        "-be": """B* eyes: in plain view; in plain sight; unobstructed; unblocked; unoccluded; not hidden but visible; fully visible; there to see; free of any cover; perfectly visible; bare; fine to see""",
        "-do": """B* eyes: show completely; show fully; remain in view; lie bare""",
        "-np": "uncovered eyes; visible eyes; unobstructed eyes; a clear view of the eyes; an unobstructed view of the eyes; both eyes in view",
    },
    "brows_covered": {
        "be": """B* brows: occluded; out of view; not in view; under a hat; under a cap; under the hair; behind bangs; blocked from view; invisible; beneath a fringe; beneath a beanie; hidden by bangs; concealed by hair
            B* eyebrows: occluded; out of view; not in view; under a hat; behind bangs; blocked; invisible; beneath a cap; behind B fringe; hidden under bangs; concealed by a hat; covered by bangs
            something: in front of B eyebrows; over B brows; on B brows
            anything: in front of B brows; over B eyebrows
            B forehead: hidden by hair; concealed; under a cap; occluded
            B fringe: over the eyebrows; in front of the brows; down over B brows
            bangs*: over B eyebrows; in front of B brows""",
        "do": """S: hide B eyebrows; hide B brows under a hat; keep B brows hidden; have bangs over the brows; wear the hair over the eyebrows; pull the cap over the brows
            anything: hide B eyebrows; cover B brows; block the brows; obstruct B brows
            something: hide B eyebrows; hide B brows; conceal B brows; obscure B eyebrows; block B brows; be over B eyebrows; cover B brows
            hair: hide B eyebrows; lie over B eyebrows; hang over B brows; conceal B brows
            bangs*: hide B eyebrows; cover B brows; cover the eyebrows; hang over B brows
            a hat: hide B brows; cover the eyebrows; conceal B eyebrows
            a cap: cover B brows; hide B eyebrows
            a fringe: cover B eyebrows; hide the brows
            hat and hair: cover B brows""",
        "np": "brow occlusion; occlusion of the brows; bangs over the brows; bangs covering the eyebrows; a fringe over the eyebrows; brows covered; brows hidden; eyebrows covered; eyebrows hidden; concealed brows; a beanie over the brows; something over the eyebrows; something hiding the brows; something blocking the eyebrows; anything over the brows; an obstruction of the brows; occluded brows; hair in front of the eyebrows",
        "-be": """B* brows: in plain view; in plain sight; unobstructed; unblocked; unoccluded; fully visible; there to see; bare; in view
            B* eyebrows: in plain view; in plain sight; unobstructed; unblocked; fully visible; there to see; not hidden but visible""",
        "-do": """B* eyebrows: show completely; show fully; remain in view""",
        "-np": "uncovered brows; visible eyebrows; unobstructed eyebrows; a clear view of the eyebrows; an unobstructed view of the brows; brows in view",
    },
    "face_covered": {
        "be": """B face: occluded; behind something; veiled; partly out of view; partly masked; obstructed; shielded
            part of B face: out of view; occluded; behind something""",
        "do": """something: obscure B face; conceal B face; be in front of B face; cover part of B face
            S: hide B face; hide B face behind something; shield the face""",
        "np": "facial occlusion; occlusion of the face; an obstruction of the face; a veil over the face; something over the face; a partly hidden face",
        "-np": "an unobstructed face; an unobstructed view of the face; a face free of obstructions; a fully visible face",
    },
    "cut_off": {
        "be": """B face: chopped off; chopped by the border; cut by the frame; not all in the picture; not entirely in the frame; sliced by the edge; half outside; cut short; clipped; leaving the frame; only half there; only partly in frame; cropped by the image border; lopped off
            B head: chopped off; out of the picture; half out of frame; cut off at the top; cropped
            the picture: badly cropped; cropped too tight; framed so that the face is cut
            part of B face: missing; beyond the border; chopped off; outside the image; lost beyond the edge; off the picture""",
        "do": """the border: slice through B face; chop off B face; chop B face; cut B face; crop B face; clip B face
            the picture's edge: slice through B face; cut B face off; crop B face; run through B face
            the frame: chop off part of B face; slice B face; cut B chin off; clip B face
            the image border: cut through the face; cut off part of the face; crop the face
            B face: leave the frame; stick out of the picture; exceed the frame; run off the edge; stop at the edge of the image""",
        "np": "a clipped face; a chopped-off face; a face cut by the frame; cropping of the face; face truncation; a tight crop through the face; a cut through the face at the border; a face running out of the picture; a partly missing face; only part of the face in the frame; a bad crop; a face cut by the image border",
        "-be": """B face: in full; entirely in frame; fully framed; completely inside the image; all there; uncropped; fully in shot; inside the borders; whole and in frame
            the whole face: in the frame; inside the image; there; within the borders; in shot
            the entire face: in the picture; in frame; inside the image""",
        "-do": """B face: fit into the picture; fit in the frame; lie completely inside the frame; lie within the borders""",
        "-np": "an uncropped face; a complete face in the frame; a fully framed face",
    },
    "blurred": {
        "be": """the picture: fuzzy; a blur; a blurry mess; smudgy; out of focus; unfocused; shaky; defocused; unsharp; blurry as hell; woolly; hazy; low in sharpness
            the pic: blurry; fuzzy; out of focus; a blur; unsharp
            the shot: blurry; fuzzy; out of focus; unsharp; blurred
            the photograph: blurred; out of focus; unsharp; hazy
            the photo: a blur; shaky; hazy; unsharp; smudged
            B face: out of focus; a blur; smeared; fuzzy""",
        "do": """the pic: look blurry; lack sharpness
            the focus: miss B face; be off
            the lens: lack focus""",
        "np": "fuzziness; unsharpness; a lack of focus; image blur; a blurry shot; a fuzzy picture; a fuzzy photo; a blurry pic; an out-of-focus picture; an unsharp image; defocus; a blurry photo; a shaky picture; smeared details",
        "-be": """the pic: sharp; crisp; in focus
            the shot: sharp; crisp; in focus; clear; pin-sharp
            the photo: sharp; crisp; in focus; clear; tack sharp; pin-sharp; nice and sharp
            the picture: pin-sharp; tack sharp; perfectly sharp; unblurred; in perfect focus
            the photograph: sharp; in focus; crisp; perfectly clear""",
        "-np": "a sharp photo; a sharp pic; a crisp photo; a sharp shot; perfect focus; sharpness; a pin-sharp picture",
    },
    "dark": {
        "be": """the picture: murky; gloomy and dim; pitch dark; pitch black; too dim; way too dark; rather dark; dingy; shadowy; unlit; black as night; underlit; low in light
            the pic: dark; too dark; dim; underexposed; murky
            the shot: dark; too dark; dim; underexposed; gloomy
            the photo: murky; way too dark; underlit; poorly lit; gloomy
            the photograph: dark; too dark; underexposed; dim
            the scene: dark; dim; poorly lit; underlit
            the illumination: poor; weak; too low; insufficient
            B face: in darkness; in deep shadow; underlit; swallowed by the dark; hardly lit; unlit; in half-light""",
        "do": """little light: fall on B face; reach B face; hit B face
            too little light: fall on the face; reach the face
            the photo: lack light; lack exposure
            the darkness: swallow B face; hide B features""",
        "np": "insufficient light; insufficient lighting; underexposure; an underexposed picture; a dark photo; a dark pic; a dim picture; a gloomy picture; a dim image; gloom over the whole picture; too dark a picture; poor illumination; weak light; hardly any light on the face; bad lighting",
        "-be": """the pic: bright; well lit; light enough
            the photo: bright; well lit; bright enough; light; nicely lit; well exposed
            the shot: bright; well lit; well exposed
            the scene: bright; well lit; brightly lit
            the illumination: good; sufficient; fine; strong
            B face: in bright light; bathed in light; nicely lit; fully lit; in the light""",
        "-np": "bright lighting; sufficient light; a bright picture; a bright photo; good illumination; a well-lit face; good exposure; sunshine on the face",
    },
    "profile": {
        "be": """S: side-on; in side view; captured from the side; shot from the side; in full profile; sideways to the lens; showing us only one cheek; turned so far that one eye is gone; pictured in profile
            B face: sideways on; in full profile; a profile; captured from the side; shot from the side; in lateral view
            this: a side shot; a lateral view; a side-on picture; a profile portrait; a mugshot from the side
            the picture: a side view; a profile; a profile shot; taken from the side; a lateral view""",
        "do": """S: present the profile; show us only B profile; stand in profile; turn B profile to us; show only one cheek; show just one half of the face
            the photo: show a profile; show the side of the face; show one side only""",
        "np": "a lateral view; a side shot; a side-on view; a profile portrait; a profile picture; a view from the side; only one cheek; a lateral face view; a face from the side; just one side of the face",
        "-be": """this: a frontal shot; a front view; a frontal view; a picture from the front; a frontal portrait
            S: seen from the front; photographed from the front; shot from the front; captured from the front; shown from the front; seen frontally
            B face: seen from the front; shown from the front; in frontal view; shot from the front; visible from the front""",
        "-np": "a frontal shot; a front view; a view from the front; a frontal portrait; a front-on view; both sides of the face",
    },
    "no_face": {
        "be": """the pic: empty; without a face; empty of people
            the photo: empty; without anybody; devoid of faces; empty of people
            the frame: empty; without anyone""",
        "do": """the photo: lack a face; show nobody; contain nobody; show no face at all
            the picture: show nobody; contain nobody; contain no face""",
        "np": "nobody; no one; nobody at all; an empty photo; an empty frame",
        "-np": "a human; a face in the photo; a face at all; anyone in this photo; anyone in the picture; a person in the photo; somebody in the pic; a face in here",
        "-be": """a person: there; visible; in the photo; present
            someone: there; visible; in the picture
            a face: present; detectable; in the image; in the photo; recognisable as a face""",
        "-do": """the picture: show a face; contain a face; show somebody; show a person
            the photo: show a face; contain a face; show a person""",
    },
}  # fmt: skip

FELT_MORE: dict[str, dict[str, str]] = {
    "happiness": {
        "adj": "happy as a clam; happy as larry; chuffed; stoked; a happy chappy; a happy camper; on cloud nine; tickled pink; pleased with it all; chirpy; gay and merry; happy like a child; giddy with joy; jovial; loving life; mirthful; bursting with joy; all joy; buoyant; well chuffed",
        "noun": "pure joy; a happy face; a happy expression; happiness all over; mirth; jubilation; high spirits; a cheerful expression; cheer; happy feelings; a joyful expression; contentment; euphoria; rejoicing; joviality",
        "do": "rejoice; beam with joy; shine with happiness; glow with happiness; jump for joy; have fun; have a blast; look on top of the world",
    },
    "surprise": {
        "adj": "surprised as hell; knocked for six; bowled over; gobsmacked; caught unawares; shookt; mind-blown; amazed; taken unawares; stupefied; wonderstruck; astonished beyond belief; shocked by something; like somebody who has seen a ghost out of nowhere",
        "noun": "a surprised expression; a surprised face; an astonished look; a startled look; utter surprise; great astonishment; a shocked expression; stupefaction; a look of shock; startle",
        "do": "marvel; wonder at something unexpected; look as though the unexpected had happened",
    },
    "sadness": {
        "adj": "down in the dumps; down in the mouth in mood; blue in mood; gutted; sad as can be; bummed out; bummed; woebegone; lugubrious; sad-faced; long-faced; ready to weep; like crying; a picture of misery; cut up; low; down and out emotionally; doleful; sad inside",
        "noun": "a sad expression; a sad face; a sad look; sad feelings; low spirits; a mournful look; woe; deep sorrow; despondency; a long face; the blues; a broken heart; grief and sorrow; dolour",
        "do": "feel blue; weep inside; look like crying; sorrow; pull a long face",
    },
    "anger": {
        "adj": "pissed; pissed as hell; mad as hell; mad as a hornet; hacked off; cheesed off; riled; riled up; steamed; up in arms; foaming; foaming with rage; hot under the collar; wrathful; ready to hit somebody; like somebody who could bite; seeing red; enraged; ireful; crabby; angry as can be; bad-tempered; furious as hell; narked; ratty",
        "noun": "an angry expression; an angry face; an angry look; angry feelings; ire; bad temper; a furious look; a face of thunder; fury and rage; exasperation; resentment; annoyance and anger; spite",
        "do": "see red; boil with anger; fume with rage; look daggers; look ready to explode; seem about to bite somebody",
    },
    "disgust": {
        "adj": "grossed out big time; yucked out; nauseated; sick to the stomach with disgust; icked out; repulsed; disgusted as can be; skeeved out; full of disgust",
        "noun": "a disgusted expression; a disgusted face; a disgusted look; utter disgust; an expression of disgust; abhorrence; abomination; yuck; a yuck face; a look of revulsion",
        "do": "feel disgust; loathe it; find it yucky; turn up in disgust",
    },
    "fear": {
        "adj": "scared shitless; spooked; freaked out; freaking out; frit; terrified; afraid of something; in dread; fearful of something; scared out of the wits; in a panic; frightened as a rabbit; quaking; full of dread; shit-scared; like a deer in the headlights; afeard; scared as can be",
        "noun": "a fearful expression; a frightened expression; a frightened face; a scared look; a scared face; an afraid expression; trepidation; great fear; mortal fear; a look of terror; anguish and fear; angst",
        "do": "dread something; quake with fear; be scared; have fear in the eyes; be afraid",
    },
    "contempt": {
        "adj": "contemptuous of it all; sniffy; high and mighty; snotty; scornful as can be; too good for us; filled with contempt; sneering at us; full of disdain",
        "noun": "a contemptuous expression; a contemptuous look; a scornful look; a disdainful look; a sneering expression; utter contempt; scorn and derision; a look of disdain; a look of scorn; haughtiness; a superior smirk of scorn",
        "do": "look down the nose; hold us in contempt; scorn us; despise us; feel contempt; look down on us",
    },
    "neutral": {
        "adj": "neutral as switzerland; poker-faced; feeling nothing; blank as a wall; blank-faced; unfazed; without expression; flat in affect; affectless; neither here nor there emotionally; emotionless as a robot; neutral-faced; plain-faced; meh; in neutral; devoid of expression; void of emotion",
        "noun": "a flat expression; a flat affect; a neutral look on the face; neutral affect; a plain expression; a resting face; an emotionless face; an unemotional face; no emotion whatsoever; no feeling at all; emptiness of expression; a stony face; a stone face; neither joy nor sorrow nor anything",
        "do": "display no emotion; express nothing; betray no feeling; show no feelings; stay neutral; feel no emotion",
        "-adj": "full of emotion; emotional; showing feelings; very expressive",
        "-noun": "some emotion; emotion; feelings; strong feelings; an expressive look",
    },
    "pleasant": {
        "adj": "in a pleasant mood; pleasant; agreeable; on the agreeable side; on the positive side; full of good vibes; in fine fettle; in a fine mood; nice in mood; in positive spirits; positive-looking; on the pleasant side; feeling okay and positive; feeling fine; of good cheer; positively tuned; in a lovely mood; well-tempered; in a happy place; favourable",
        "noun": "good vibes; positive vibes; pleasantness; a pleasant mood; an agreeable look; an agreeable expression; a feel-good expression; a nice mood; positive valence; high valence; a pleasant state; a positive feeling; goodwill; well-being; a pleasant look; agreeable feelings",
        "do": "give off good vibes; feel fine; feel great; feel positive; feel pleasant; radiate positive feelings",
    },
    "unpleasant": {
        "adj": "in an unpleasant mood; unpleasant; disagreeable; on the negative side; on the unpleasant side; full of bad vibes; in a rotten mood; in a mood; negative-looking; on the disagreeable side; feeling rotten; feeling crappy; feeling lousy; in a shitty mood; ill at ease in a bad way; unhappy with it; in a nasty mood; negatively tuned; having a bad time; displeased with it all",
        "noun": "bad vibes; negative vibes; unpleasantness; an unpleasant mood; a disagreeable look; an unpleasant expression; a nasty mood; negative valence; low valence; an unpleasant state; a rotten mood; bad feelings; a negative feeling; an unpleasant look; disagreeable feelings; unease",
        "do": "give off bad vibes; feel rotten; feel crappy; feel negative; feel unpleasant; radiate negative feelings",
    },
    "lively": {
        "adj": "worked up; wound-up; full of beans; revved up; buzzed; amped up; amped; keyed up; charged up; in high gear; psyched; full of life; stirred; hyped up; juiced up; high on energy; on fire; energised; in high arousal; agitated and awake; pepped up; pumped; jazzed; in turmoil; highly activated",
        "noun": "high activation; a high energy level; high levels of energy; energy; arousal on the high side; vigour; life and energy; pep; vivacity; restlessness; an excited look; an energetic look; an agitated look; an animated expression; commotion of feelings",
        "do": "buzz with energy; brim with energy; be full of energy; show a lot of energy; show high energy; look all worked up",
    },
    "calm": {
        "adj": "chill; super chill; chilled; chilling; cool as a cucumber; cool and collected; zen; laid back; easy; low-key; untroubled; unexcited; still; in low arousal; low-energy; at rest; peaceful as a lamb; calm as a lake; relaxed as can be; loose; quiet and at ease; half asleep; dead calm; unstressed; unagitated",
        "noun": "low activation; a low energy level; low energy; arousal on the low side; quietness; ease; a chill look; a chill expression; a calm look; a calm expression; calm all over; stillness; a serene look; a peaceful look; a relaxed look; quietude; zero excitement",
        "do": "chill; keep calm; keep the cool; keep cool; rest; show little energy",
    },
}  # fmt: skip

# Several things in one breath; see `wordings_aspects.SEVERAL`.
SEVERAL_MORE: tuple[tuple[str, dict[str, bool]], ...] = (
    ("S {be} looking neither left nor right", {"looking_left": False, "looking_right": False}),
    ("S look(s) neither left nor right", {"looking_left": False, "looking_right": False}),
    ("S {be} looking neither up nor down", {"looking_up": False, "looking_down": False}),
    ("B head is turned neither to the left nor to the right", {"head_left": False, "head_right": False}),
    ("B head is neither raised nor lowered", {"head_up": False, "head_down": False}),
    ("neither up nor down goes B gaze", {"looking_up": False, "looking_down": False}),
    ("B* eyes and head {be} both turned to the right", {"looking_right": True, "head_right": True}),
    ("B* eyes and head {be} both turned to the left", {"looking_left": True, "head_left": True}),
    ("head and gaze both go left", {"looking_left": True, "head_left": True}),
    ("head and eyes both point right", {"looking_right": True, "head_right": True}),
    ("head to the right , gaze to the left", {"head_right": True, "looking_left": True}),
    ("head to the left , gaze to the right", {"head_left": True, "looking_right": True}),
    ("head turned left while the eyes go right", {"head_left": True, "looking_right": True}),
    ("head turned right while the eyes go left", {"head_right": True, "looking_left": True}),
    ("with B head lowered S look(s) down", {"head_down": True, "looking_down": True}),
    ("with a lifted chin S look(s) up", {"head_up": True, "looking_up": True}),
    ("looking down without bowing the head", {"looking_down": True, "head_down": False}),
    ("looking up without raising the head", {"looking_up": True, "head_up": False}),
    ("head and eyes {be} down", {"head_down": True, "looking_down": True}),
    ("B head and gaze are lowered", {"head_down": True, "looking_down": True}),
    ("B eyes and mouth are shut", {"eyes_closed": True, "mouth_open": False}),
    ("mouth and eyes closed", {"eyes_closed": True, "mouth_open": False}),
    ("mouth and eyes wide open", {"eyes_wide": True, "mouth_open": True}),
    ("neither mouth nor eyes are covered", {"mouth_covered": False, "eyes_covered": False}),
    ("both B mouth and B eyes are covered", {"mouth_covered": True, "eyes_covered": True}),
    ("neither B eyes nor B brows are hidden", {"brows_covered": False, "eyes_covered": False}),
    ("a big hat covers B eyes and B brows", {"eyes_covered": True, "brows_covered": True}),
    ("a hood hides eyes and brows", {"eyes_covered": True, "brows_covered": True}),
    ("mouth hidden , eyes visible", {"mouth_covered": True, "eyes_covered": False}),
    ("eyes hidden , mouth visible", {"mouth_covered": False, "eyes_covered": True}),
    ("no glasses , no shades", {"glasses": False, "eyes_covered": False}),
    ("no specs and no sunglasses", {"glasses": False, "eyes_covered": False}),
    ("S raise(s) B eyebrows , inner and outer ends alike", {"inner_brows_raised": True, "outer_brows_raised": True}),
    ("both the inner and the outer brows are up", {"inner_brows_raised": True, "outer_brows_raised": True}),
    ("neither the inner nor the outer brows are raised", {"inner_brows_raised": False, "outer_brows_raised": False}),
    ("the outer brows are up but the inner ones are not", {"inner_brows_raised": False, "outer_brows_raised": True}),
    ("the inner brows are up but the outer ones aren't", {"inner_brows_raised": True, "outer_brows_raised": False}),
    ("outer brows raised , inner ones not", {"inner_brows_raised": False, "outer_brows_raised": True}),
    ("the brows are raised on the outside , none is lowered", {"outer_brows_raised": True, "brows_lowered": False}),
    ("B head is straight , neither tilted nor bowed", {"head_tilted": False, "head_down": False}),
    ("B head is upright and not bowed", {"head_tilted": False, "head_down": False}),
    ("neither blurred nor dark", {"blurred": False, "dark": False}),
    ("cropped and blurry", {"cut_off": True, "blurred": True}),
    ("dark and out of focus", {"dark": True, "blurred": True}),
    ("bright and sharp", {"dark": False, "blurred": False}),
    ("a sharp and well-lit picture", {"dark": False, "blurred": False}),
    ("a dark , blurry side view", {"dark": True, "blurred": True, "profile": True}),
    ("a blurry side shot", {"blurred": True, "profile": True}),
    ("not in profile and not cut off", {"profile": False, "cut_off": False}),
    ("not in profile , and entirely in frame", {"profile": False, "cut_off": False}),
    ("the eyes are shut but S {do} smile", {"eyes_closed": True, "smile": True}),
    ("a neutral face that does not smile", {"neutral": True, "smile": False}),
    ("S laugh(s) with closed eyes", {"smile": True, "mouth_open": True, "eyes_closed": True}),
    ("S laugh(s)", {"smile": True, "mouth_open": True}),
    ("a smile with the mouth closed", {"smile": True, "mouth_open": False}),
    ("the brows are visible and not lowered", {"brows_covered": False, "brows_lowered": False}),
    ("the eyebrows are in view and pulled down", {"brows_covered": False, "brows_lowered": True}),
    ("the eyes are in view and closed", {"eyes_covered": False, "eyes_closed": True}),
    ("the mouth is visible and open", {"mouth_covered": False, "mouth_open": True}),
    ("eyes open and on the camera", {"eyes_closed": False, "looking_at_camera": True}),
    ("S look(s) away and down", {"looking_at_camera": False, "looking_down": True}),
    ("you can't see B eyebrows because of the hair over them", {"brows_covered": True}),
    ("there is hair over B brows so they can't be seen", {"brows_covered": True}),
    ("you can see B eyebrows just fine", {"brows_covered": False}),
    ("you can see B mouth fine , nothing is over it", {"mouth_covered": False}),
    ("nothing is over B eyes , you can see them", {"eyes_covered": False}),
    ("I can't see B* eyes , something is over them", {"eyes_covered": True}),
    ("I can't see B mouth because of a hand", {"mouth_covered": True}),
    ("it is too dark to see S well", {"dark": True}),
    ("hardly any light falls on B face", {"dark": True}),
    ("plenty of light falls on B face", {"dark": False}),
    ("there's plenty of light on B face", {"dark": False}),
    ("deep shadow lies over B face", {"dark": True}),
    ("the corners of the mouth go neither up nor down", {"smile": False, "corners_down": False}),
    ("S {be} shown from the front , not from the side", {"profile": False}),
    ("S {be} shown from the side , not from the front", {"profile": True}),
    ("the whole face is in frame and nothing is over the mouth", {"cut_off": False, "mouth_covered": False}),
    ("too dark , I can barely see S", {"dark": True}),
    ("too blurry to see anything", {"blurred": True}),
    ("it is so blurry that I can't see B face", {"blurred": True}),
    ("bright enough to see everything", {"dark": False}),
    ("eyelids down , the eyeballs can't be seen", {"eyes_closed": True}),
    ("the eyeballs are hidden behind B lids", {"eyes_closed": True}),
    ("S took B glasses off", {"glasses": False}),
    ("S has taken off the glasses for this picture", {"glasses": False}),
    ("S put on B glasses", {"glasses": True}),
    ("glasses ? none here", {"glasses": False}),
    ("a smile ? none to be seen", {"smile": False}),
    ("a smile ? you bet", {"smile": True}),
    ("S has forgotten how to smile", {"smile": False}),
    ("S can't help but smile", {"smile": True}),
    ("S can't keep B eyes open", {"eyes_closed": True}),
    ("S can't take B eyes off the camera", {"looking_at_camera": True}),
    ("S can't look us in the eye", {"looking_at_camera": False}),
    ("S can't wipe the grin off B face", {"smile": True}),
    ("wipe that smile off your face", {"smile": True}),
    ("the smile won't leave B face", {"smile": True}),
)  # fmt: skip
