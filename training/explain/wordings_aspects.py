# ruff: noqa: E501  (tables)
"""How people say that a cue, a fact or an emotion is there or not, as tables (training side only).

`be`: subject and what it is ("S: smiling"); `do`: subject and what it does, verb first; `np`: what can be seen. `S` is the
person (she, the man, ...), `B` somebody's (her, the), `B*` the same before a plural. Keys with `-` say the opposite without
a negation. Items are separated by semicolons; each is a family of its own when wordings are held out.
"""

from __future__ import annotations

ASPECTS: dict[str, dict[str, str]] = {
    "smile": {
        "be": """S: smiling; grinning; beaming; smirking a little; all smiles; giving a smile; smiling broadly; smiling faintly; smiling from ear to ear; grinning widely
            B mouth: smiling; curved upward; turned up at the corners; curling up; pulled into a smile
            B* mouth corners: raised; lifted; turned up; pulled up; drawn upwards
            B* lips: curled into a smile; curved upwards; stretched into a grin
            the corners* of B mouth: raised; up; pulled upward; lifted
            the corners* of B lips: turned up; raised; curled upward""",
        "do": """S: smile; grin; beam; crack a smile; flash a grin; smile at the camera; smile warmly; show a smile; wear a smile
            B mouth: smile; curve up; curl upward; form a smile
            the corners* of B mouth: turn up; go up; rise; point upward
            B* lips: curve upward; form a smile; stretch into a smile
            B face: light up with a smile; carry a smile""",
        "np": "a smile; a grin; a big smile; a broad grin; a slight smile; a faint smile; a warm smile; a wide smile; a little smile; a gentle smile; a toothy grin; an upturned mouth; raised mouth corners; upturned lips; a smiling mouth; a smiling face; AU12; action unit 12; a lip corner puller; upturned corners of the lips; a cheerful smile; half a smile; the hint of a smile",
        "-be": """S: straight-faced; unsmiling; stone-faced about it
            B mouth: flat; in a straight line; unsmiling""",
        "-np": "an unsmiling face; a straight mouth",
    },
    "mouth_open": {
        "be": """B mouth: open; wide open; agape; gaping; slightly open; hanging open; half open; ajar; opened
            B* lips: apart; parted; slightly parted; separated; opened
            B jaw: dropped; lowered; hanging; hanging down
            S: open-mouthed; gaping; showing an open mouth""",
        "do": """S: have an open mouth; open the mouth; keep the mouth open; gape; hold the mouth open
            B mouth: hang open; stand open; gape
            B jaw: drop; hang open""",
        "np": "an open mouth; parted lips; a wide open mouth; a dropped jaw; a gaping mouth; a lowered jaw; a gap between the lips; an opened mouth; slightly parted lips; AU25; AU26; a jaw drop; a mouth that is open; some space between the lips",
        "-be": """B mouth: closed; shut; firmly closed; sealed; kept shut; tightly shut
            B* lips: closed; pressed together; sealed; together; shut; touching; tightly pressed; pursed
            B jaw: clenched; closed; shut
            S: tight-lipped; close-mouthed""",
        "-do": """S: keep the mouth closed; have the mouth shut; press the lips together; keep the lips together; clench the jaw; purse the lips
            B* lips: touch; meet; stay together""",
        "-np": "a closed mouth; closed lips; a shut mouth; pressed lips; a clenched jaw; tightly pressed lips",
    },
    "inner_brows_raised": {
        "be": """B* inner brows: raised; up; lifted; pulled up; drawn up
            B* inner eyebrows: raised; lifted; up; drawn upward
            the inner* corners of B eyebrows: raised; up; pulled upward; lifted
            the inner* ends of B brows: raised; lifted; up; pulled up
            B* brows: raised in the middle; pulled up in the middle; lifted at their inner ends; slanted upward toward the middle
            B* eyebrows: raised in the middle; drawn up at the inner corners; tented; oblique""",
        "do": """S: raise the inner brows; lift the inner eyebrows; pull up the inner corners of the eyebrows
            the inner* parts of B eyebrows: go up; rise; point up; lift
            B* eyebrows: slant up toward the middle; rise in the centre; go up in the middle""",
        "np": "raised inner brows; raised inner eyebrows; lifted inner brows; inner brows drawn up; eyebrows raised in the middle; brows pulled up at the centre; an inner brow raise; raised inner corners of the eyebrows; AU1; an inner brow raiser; action unit 1; brows that rise in the middle",
    },
    "outer_brows_raised": {
        "be": """B* outer brows: raised; up; lifted; pulled up
            B* outer eyebrows: raised; lifted; up
            the outer* corners of B eyebrows: raised; up; pulled upward; lifted
            the outer* ends of B brows: raised; lifted; up; pulled up
            B* brows: raised on the outside; lifted at their outer ends; arched high; highly arched
            B* eyebrows: raised at the outer corners; arched high; arched; pulled up on the outer side""",
        "do": """S: raise the outer brows; lift the outer eyebrows; arch the eyebrows
            the outer* parts of B eyebrows: go up; rise; point up
            B* eyebrows: arch; arch high; arch upward""",
        "np": "raised outer brows; raised outer eyebrows; lifted outer brows; arched eyebrows; high arched brows; an outer brow raise; raised outer corners of the eyebrows; an arched brow; AU2; an outer brow raiser; action unit 2",
    },
    "brows_raised": {
        "be": """B* brows: raised; up; lifted; high; pulled up; up high; elevated
            B* eyebrows: raised; up; lifted; high on the forehead; way up; elevated; pulled up; hiked up
            S: raising both eyebrows; lifting the brows
            B forehead: wrinkled from raised brows""",
        "do": """S: raise the eyebrows; lift the brows; raise both brows; raise an eyebrow; pull up the eyebrows; lift an eyebrow
            B* eyebrows: go up; rise; shoot up; lift; climb the forehead
            B* brows: go up; rise; lift; shoot up""",
        "np": "raised eyebrows; raised brows; lifted eyebrows; a raised eyebrow; elevated brows; high eyebrows; lifted brows; a brow raise; eyebrows that are raised; both eyebrows up",
    },
    "brows_lowered": {
        "be": """B* brows: lowered; drawn together; furrowed; knitted; pulled down; knit; drawn down; scrunched
            B* eyebrows: lowered; furrowed; drawn together; knitted together; down; pulled together; low over the eyes; squeezed together
            B forehead: furrowed; creased between the brows
            S: frowning; scowling; glowering; knitting the brows""",
        "do": """S: frown; scowl; lower the brows; furrow the brow; knit the eyebrows; draw the brows together
            B* eyebrows: come down; press down; draw together; pull together
            B* brows: furrow; come together; lower""",
        "np": "a frown; lowered brows; furrowed brows; knitted eyebrows; a furrowed brow; drawn eyebrows; a scowl; lowered eyebrows; a crease between the brows; brows drawn together; a deep frown; vertical lines between the brows; AU4; a brow lowerer; action unit 4; a wrinkled brow",
    },
    "corners_down": {
        "be": """B mouth: turned down; turned down at the corners; drooping; curved downward; downturned
            B* mouth corners: down; lowered; turned down; pulled down; drooping; pointing down
            the corners* of B mouth: turned down; pulled down; lowered; drooping; drawn downward
            B* lips: turned down; curved downward
            S: pouting""",
        "do": """the corners* of B mouth: turn down; droop; sag; point down; go down
            B mouth: droop; turn down; curve down; sag at the corners
            S: pout; pull down the corners of the mouth""",
        "np": "a downturned mouth; lowered mouth corners; drooping mouth corners; a drooping mouth; turned-down lips; a pout; mouth corners pulled down; an upside-down smile; AU15; a lip corner depressor; sagging corners of the mouth",
    },
    "eyes_wide": {
        "be": """B* eyes: wide; wide open; widened; opened wide; bulging; very wide; unusually wide; huge; popping out; stretched open; like saucers; bigger than normal; larger than usual; as wide as can be; open wider than normal
            S: wide-eyed; staring with wide eyes; opening the eyes wide
            B* upper eyelids: raised; lifted high; pulled up
            B* eyelids: raised; stretched open; pulled back""",
        "do": """S: have wide eyes; open the eyes wide; widen the eyes; stare wide-eyed
            B* eyes: widen; bulge; pop; open wide; stand wide open""",
        "np": "wide eyes; wide open eyes; widened eyes; wide-open eyes; bulging eyes; raised upper eyelids; huge eyes; a wide-eyed look; a wide-eyed stare; enlarged eyes; AU5; an upper lid raiser; action unit 5; eyes opened wide",
        "-be": """B* eyes: narrowed; squinting; slitted; narrow; half closed; squinted; drooping
            S: squinting; narrowing the eyes
            B* eyelids: heavy; drooping""",
        "-do": """S: squint; narrow the eyes; have narrow eyes
            B* eyes: narrow; squint""",
        "-np": "narrowed eyes; squinting eyes; narrow eyes; a squint; heavy eyelids",
    },
    "eyes_closed": {
        "be": """B* eyes: closed; shut; tightly shut; squeezed shut; fully closed; firmly closed
            B* eyelids: closed; shut; down; lowered all the way
            both* eyes: closed; shut
            S: closing the eyes; keeping the eyes shut; blinking; asleep; sleeping""",
        "do": """S: have closed eyes; close the eyes; keep the eyes closed; shut the eyes; have the eyes shut; sleep; blink
            B* eyelids: cover the eyes completely; stay shut""",
        "np": "closed eyes; shut eyes; closed eyelids; eyes that are shut; tightly closed eyes; lowered lids covering the eyes; AU43; shut eyelids; eyes closed",
        "-be": """B* eyes: open; opened; not shut but open
            both* eyes: open
            S: awake; keeping the eyes open""",
        "-do": """S: have open eyes; keep the eyes open; have both eyes open""",
        "-np": "open eyes; opened eyes; eyes that are open",
    },
    "looking_at_camera": {
        "be": """S: looking at the camera; looking into the camera; looking at us; looking at me; facing the camera with the eyes; looking straight ahead; staring at the camera; looking directly at the viewer; making eye contact; gazing into the lens; looking straight at you; looking right at us; watching me; looking in our direction; looking my way; looking toward us; looking at whoever takes the picture; looking back at us
            B gaze: on the camera; directed at the camera; straight ahead; directed at the viewer; fixed on the lens; directed forward; aimed at us
            B* eyes: on the camera; on us; fixed on the viewer; directed at the camera; pointed straight at the lens; focused on the camera; on me; locked on the camera; trained on the lens""",
        "do": """S: look at the camera; look into the camera; look at us; look straight ahead; make eye contact; stare into the lens; look me in the eye; face the camera directly; look directly at the viewer; meet the viewer's gaze; hold eye contact; look toward the camera; gaze at the camera
            B gaze: meet the camera; point at the viewer; go straight ahead; rest on the camera
            B* eyes: look at the camera; look at me; meet mine; meet the camera; face the viewer""",
        "np": "eye contact; direct eye contact; a direct gaze; a look into the camera; a straight gaze at the viewer; eye contact with the camera; a forward gaze",
        "-be": """S: looking away; looking elsewhere; looking somewhere else; looking off camera; avoiding eye contact; looking past us; avoiding the camera; looking aside; looking into the distance
            B gaze: averted; elsewhere; directed away; turned away; off camera; away from the camera; directed elsewhere
            B* eyes: averted; turned away; directed elsewhere; away from the camera""",
        "-do": """S: look away; look elsewhere; avoid eye contact; look away from the camera; avert the eyes; look past the camera; ignore the camera; look off into the distance
            B gaze: wander off; go elsewhere""",
        "-np": "an averted gaze; averted eyes; a look away from the camera",
    },
    "looking_left": {
        "be": """S: looking left; looking to the left; glancing left; gazing to the left; looking off to the left; looking toward the left side; looking leftward; peering left; looking at something on the left
            B gaze: turned left; directed to the left; to the left; directed leftward; aimed left
            B* eyes: turned left; to the left; directed to the left; pointed left; on something to the left; pointing left; pointing to the left side; aimed at the left side""",
        "do": """S: look left; look to the left; look to the left side; glance left; gaze to the left; look toward the left; look at the left side of the picture
            B gaze: go to the left; point left; drift left
            B* eyes: look left; point to the left; go left; point to the left side""",
        "np": "a look to the left; a gaze to the left; a glance to the left; a leftward gaze",
    },
    "looking_right": {
        "be": """S: looking right; looking to the right; glancing right; gazing to the right; looking off to the right; looking toward the right side; looking rightward; peering right; looking at something on the right
            B gaze: turned right; directed to the right; to the right; directed rightward; aimed right
            B* eyes: turned right; to the right; directed to the right; pointed right; on something to the right; pointing right; pointing to the right side; aimed at the right side""",
        "do": """S: look right; look to the right; look to the right side; glance right; gaze to the right; look toward the right; look at the right side of the picture
            B gaze: go to the right; point right; drift right
            B* eyes: look right; point to the right; go right; point to the right side""",
        "np": "a look to the right; a gaze to the right; a glance to the right; a rightward gaze",
    },
    "looking_sideways": {
        "be": """S: looking sideways; looking to the side; glancing sideways; looking to one side; looking off to the side; glancing to the side
            B gaze: sideways; directed to the side; off to one side
            B* eyes: turned sideways; to one side; shifted to the side""",
        "do": """S: look sideways; look to the side; glance sideways; look off to one side
            B* eyes: look sideways; shift to the side; go sideways""",
        "np": "a sideways look; a sideways glance; a side glance; a look to the side; a sidelong gaze",
    },
    "looking_up": {
        "be": """S: looking up; looking upward; gazing up; looking at the ceiling; gazing upwards; looking skyward; glancing up; rolling the eyes upward; looking above the camera; looking at the sky
            B gaze: directed upward; up; turned upwards; lifted; aimed high
            B* eyes: turned up; directed upward; rolled up; raised to the ceiling; cast upward""",
        "do": """S: look up; look upward; gaze up; glance upward; look at the ceiling; look up at something
            B gaze: go up; point upward; rise
            B* eyes: look up; point up; go up""",
        "np": "an upward look; an upward gaze; a glance upward; an upturned gaze",
    },
    "looking_down": {
        "be": """S: looking down; looking downward; gazing down; looking at the floor; looking at the ground; glancing down; looking below the camera; staring at the floor; looking at the feet
            B gaze: lowered; directed downward; down; cast down; turned down; downcast
            B* eyes: lowered; cast down; downcast; directed downward; on the floor; turned down""",
        "do": """S: look down; look downward; gaze down; glance down; look at the floor; look to the ground; lower the gaze; lower the eyes
            B gaze: go down; point downward; drop
            B* eyes: look down; point down; drop""",
        "np": "a downward look; a downward gaze; a lowered gaze; downcast eyes; a glance down; lowered eyes",
    },
    "head_left": {
        "be": """B head: turned left; turned to the left; rotated to the left; pointing left; facing left; angled to the left
            B face: turned to the left; pointing left; facing left; angled left
            S: turned to the left; facing left; turning the head to the left""",
        "do": """S: turn the head to the left; face left; turn left; point the head to the left; rotate the head left
            B head: turn left; face left; point to the left
            B face: point left; face left""",
        "np": "a head turned to the left; a head turn to the left; a face turned left; a leftward head turn",
    },
    "head_right": {
        "be": """B head: turned right; turned to the right; rotated to the right; pointing right; facing right; angled to the right
            B face: turned to the right; pointing right; facing right; angled right
            S: turned to the right; facing right; turning the head to the right""",
        "do": """S: turn the head to the right; face right; turn right; point the head to the right; rotate the head right
            B head: turn right; face right; point to the right
            B face: point right; face right""",
        "np": "a head turned to the right; a head turn to the right; a face turned right; a rightward head turn",
    },
    "head_turned": {
        "be": """B head: turned; turned away; turned to the side; turned to one side; rotated; turned sideways; turned away from the camera; twisted to the side
            B face: turned away; turned to the side; turned aside; turned
            S: turning the head; turned away; turned to one side; facing away; looking over the shoulder""",
        "do": """S: turn the head; turn away; turn to the side; turn the head away; face to the side
            B head: turn; turn to the side; face away""",
        "np": "a turned head; a head turned to the side; a head turned away; a face turned away from the camera",
        "-be": """B head: straight; facing forward; facing the camera; pointing straight ahead; frontal
            B face: frontal; facing forward; facing us; straight on; facing the camera straight on
            S: facing forward; facing us; facing straight ahead""",
        "-do": """S: face forward; face us; face straight ahead; keep the head straight
            B head: point straight ahead; face forward""",
        "-np": "a frontal face; a straight head; a frontal view",
    },
    "head_up": {
        "be": """B head: raised; lifted; tipped back; held high; thrown back; tilted back; leaning back; up
            B chin: raised; up; lifted; high; held high; stuck up; pointing up
            S: holding the head high; lifting the chin; tilting the head back; raising the head""",
        "do": """S: raise the head; lift the head; lift the chin; hold the head up; tip the head back; tilt the head back; raise the chin; hold the chin high
            B head: point up; tip back; go up
            B chin: point up; rise""",
        "np": "a raised head; a lifted chin; a raised chin; a head held high; a head tilted back; a chin pointing up",
    },
    "head_down": {
        "be": """B head: lowered; bowed; down; hanging; tipped forward; tilted down; bent; hung low; dropped; tilted forward
            B chin: lowered; down; tucked; tucked in; dropped to the chest
            S: lowering the head; bowing; hanging the head; bowing the head""",
        "do": """S: lower the head; bow the head; hang the head; drop the head; tuck the chin; lower the chin; keep the head down; hold the head down
            B head: hang; point down; drop; sink
            B chin: point down; drop""",
        "np": "a lowered head; a bowed head; a hanging head; a lowered chin; a tucked chin; a head bent down; a head tilted down",
    },
    "head_tilted": {
        "be": """B head: tilted; tilted to one side; tilted sideways; cocked; cocked to the side; leaning to one side; crooked; slanted; leaning toward the shoulder
            S: tilting the head; cocking the head; leaning the head to one side""",
        "do": """S: tilt the head; cock the head; lean the head to the side; tilt the head to one side; tip the head sideways
            B head: tilt; lean to one side; lean sideways; tip to the side""",
        "np": "a tilted head; a head tilt; a cocked head; a tilt of the head; a head leaning to one side; a sideways tilt of the head",
        "-be": """B head: upright; level; held level; perfectly upright; held straight up; straight up
            S: holding the head upright""",
        "-np": "an upright head; a level head",
    },
    "glasses": {
        "be": """S: wearing glasses; wearing spectacles; wearing eyeglasses; bespectacled; wearing specs; wearing a pair of glasses; wearing reading glasses; in glasses; looking through glasses; wearing corrective lenses
            glasses*: on B face; on B nose; visible""",
        "do": """S: wear glasses; have glasses on; wear spectacles; wear eyeglasses; wear a pair of glasses; have spectacles; use glasses; have eyewear
            glasses*: sit on B nose""",
        "np": "glasses; spectacles; eyeglasses; a pair of glasses; frames in front of the eyes; eyewear; a pair of spectacles; specs; lenses in front of the eyes",
        "-be": "S: bare-eyed without lenses",
    },
    "mouth_covered": {
        "be": """B mouth: covered; hidden; concealed; blocked; behind a mask; obscured; masked; hidden behind a hand; covered by something; covered with a hand; covered up; out of sight
            S: wearing a mask; covering the mouth; hiding the mouth; wearing a face mask; masked; holding a hand over the mouth
            B* lips: hidden; covered; concealed; obscured
            the lower half of B face: covered; hidden; masked""",
        "do": """S: wear a mask; cover the mouth; hide the mouth; hold something in front of the mouth; have a mask on; have a hand over the mouth
            a hand: cover B mouth; hide B mouth
            something: cover B mouth; block B mouth; hide B lips
            a scarf: cover B mouth; hide B mouth""",
        "np": "a mask; a covered mouth; a face mask; a hand over the mouth; something in front of the mouth; a hidden mouth; a surgical mask; a scarf over the mouth",
        "-be": """B mouth: visible; uncovered; in view; free; exposed; clearly visible
            B* lips: visible; uncovered; in view""",
    },
    "eyes_covered": {
        "be": """B* eyes: covered; hidden; concealed; blocked; behind sunglasses; obscured; hidden behind dark glasses; covered by something; covered up; out of sight
            S: wearing sunglasses; covering the eyes; hiding the eyes; wearing dark glasses; wearing shades; blindfolded; wearing a blindfold""",
        "do": """S: wear sunglasses; cover the eyes; hide the eyes; wear dark glasses; have sunglasses on; wear shades; wear a blindfold
            a hand: cover B eyes; hide B eyes
            something: cover B eyes; block B eyes; hide B eyes
            sunglasses*: hide B eyes; cover B eyes""",
        "np": "sunglasses; covered eyes; dark glasses; shades; a hand over the eyes; hidden eyes; something in front of the eyes; a blindfold",
        "-be": """B* eyes: visible; uncovered; in view; exposed; clearly visible""",
    },
    "brows_covered": {
        "be": """B* brows: covered; hidden; concealed; hidden under a hat; obscured; covered by hair; out of sight
            B* eyebrows: covered; hidden; concealed; hidden by the hair; obscured; covered by a cap; under a fringe
            B forehead: covered; hidden; covered by hair; hidden under a hat
            S: wearing a hat over the brows; wearing a cap down to the eyes""",
        "do": """S: cover the eyebrows; hide the brows; wear a hat low over the brows; have hair over the forehead; cover the forehead
            hair: cover B eyebrows; hide B forehead; fall over B brows
            a hat: cover B brows; hide B eyebrows; cover B forehead
            something: cover B eyebrows; hide B brows""",
        "np": "covered eyebrows; hidden brows; hair over the brows; a hat over the forehead; hair covering the forehead; hidden eyebrows; bangs over the eyebrows; a cap over the brows",
        "-be": """B* eyebrows: visible; uncovered; in view; exposed
            B* brows: visible; uncovered; clearly visible""",
    },
    "face_covered": {
        "be": """B face: covered; partly covered; hidden; partially hidden; obscured; partly hidden; blocked by something; partly concealed; occluded
            part of B face: covered; hidden; obscured; concealed; occluded
            S: covering part of the face; hiding the face; covering the face""",
        "do": """S: cover the face; hide part of the face; hide the face; cover part of the face
            something: cover B face; hide part of B face; block B face; obstruct the view of B face""",
        "np": "a covered face; something in front of the face; a hidden face; an obstruction over the face; an occlusion",
        "-be": """B face: uncovered; unobstructed; fully visible; completely visible; free of obstructions""",
    },
    "cut_off": {
        "be": """B face: cut off; cropped; cut off by the border; only partly in the picture; out of frame; cut by the edge of the image; partly outside the frame; cropped at the edge; incomplete; truncated
            the top of B head: cut off; missing; out of frame
            half of B face: missing; out of the picture; not in the frame
            B chin: cut off; out of the picture
            part of B face: cut off; outside the picture; out of frame; cropped away; missing from the picture; beyond the edge
            the picture: cropped through the face""",
        "do": """the border: cut off B face; cut through B face
            the edge of the picture: cut off part of B face; cut B face; crop B face
            the frame: cut off B face; crop B face
            B face: run out of the frame; leave the picture; go over the edge of the image""",
        "np": "a cropped face; a face cut off by the edge; a cut-off face; a face partly out of the frame; a truncated face; an incomplete face",
        "-be": """B face: fully in the frame; completely in the picture; entirely in view; whole; all in the picture
            the whole face: in the picture; in frame; inside the frame""",
    },
    "blurred": {
        "be": """the picture: blurred; blurry; out of focus; unsharp; fuzzy; low quality; smeared; hazy; soft; grainy and blurred
            the image: blurred; blurry; out of focus; unsharp; fuzzy; not in focus
            the photo: blurred; blurry; out of focus; fuzzy
            B face: blurred; blurry; out of focus; fuzzy; smudged; unsharp""",
        "do": """the picture: look blurry; lack sharpness; have motion blur; lack focus
            the image: look blurred; lack sharpness; suffer from blur
            the camera: lack focus""",
        "np": "blur; motion blur; a blurry picture; a blurred face; a lack of sharpness; a blurred image; poor focus",
        "-be": """the picture: sharp; in focus; crisp; clear; crystal clear; razor sharp; in sharp focus; nice and sharp
            the image: sharp; in focus; crisp; clear; perfectly sharp
            B face: sharp; in focus; crisp""",
        "-np": "a sharp picture; a sharp image; good focus; a crisp image",
    },
    "dark": {
        "be": """the picture: dark; too dark; underexposed; dim; poorly lit; badly lit; very dark; gloomy in lighting; shot at night
            the image: dark; too dark; underexposed; dim; poorly lit
            the photo: dark; too dark; underexposed; dim
            B face: in the dark; poorly lit; in shadow; too dark; badly lit; dimly lit; in the shade; barely lit
            the light: poor; bad; dim; weak; too low
            the lighting: poor; bad; dim; weak; low""",
        "do": """the picture: lack light; look dark; need more light
            the image: look too dark; lack brightness
            B face: lie in shadow; get too little light; need more light""",
        "np": "darkness; poor lighting; a dark picture; bad light; a dark image; shadow over the face; low light; too little light; a lack of light",
        "-be": """the picture: bright; well lit; light enough; sunny and bright; bright enough; properly lit
            the image: bright; well lit; well exposed
            B face: well lit; brightly lit; in good light
            the lighting: good; bright; fine""",
        "-np": "good lighting; enough light; bright light; plenty of light",
    },
    "profile": {
        "be": """S: in profile; seen from the side; shown in profile; photographed from the side; seen side-on; seen only from one side; standing sideways to the camera; turned in profile; shown from the side
            B face: in profile; seen from the side; shown from the side; in side view; seen in profile; visible only from the side; side-on
            this: a side view; a profile shot; a profile view; a profile picture of the face from the side""",
        "do": """the picture: show the face from the side; show a profile; show only one side of the face; show a side view
            S: show only one side of the face; show the profile; present the side of the face""",
        "np": "a profile view; a side view; a face in profile; a profile; only one side of the face; a side-on face",
    },
    "no_face": {
        "be": """the picture: empty; without a face; empty of people; faceless
            the image: empty; faceless""",
        "do": """the picture: lack a face; show nothing
            the image: lack any face""",
        "np": "an empty picture; nothing there; an empty image",
        "-np": "a face; somebody; a person; anybody; anyone; a human face; someone in the picture; a human being; a face in the picture; a visible face; a face there",
        "-be": """a face: visible; in the picture; there; in view
            somebody: there; in the picture""",
    },
}  # fmt: skip

# Adjectives behind "is", "looks", "seems"; nouns behind "shows", "a look of".
EMOTIONS: dict[str, dict[str, str]] = {
    "happiness": {
        "adj": "happy; joyful; cheerful; delighted; glad; pleased; overjoyed; elated; thrilled; ecstatic; amused; jolly; merry; in high spirits; blissful; jubilant; really happy; content; full of joy; in a great mood; having fun; having a great time; happy as can be; joyous; smiling with happiness; gleeful; euphoric; sunny; over the moon; in seventh heaven; enchanted; exhilarated; contented; light-hearted; exultant; tickled; satisfied; as pleased as punch; sunny-tempered; radiant with joy; high-spirited; bubbly; rapturous; fulfilled",
        "noun": "happiness; joy; delight; amusement; cheerfulness; glee; joyfulness; elation; gladness; bliss; enjoyment",
        "do": "enjoy the moment; laugh; radiate joy; show joy",
    },
    "surprise": {
        "adj": "surprised; astonished; amazed; startled; stunned; shocked; taken aback; dumbfounded; astounded; flabbergasted; caught off guard; thunderstruck; speechless with surprise; blown away; unable to believe it; taken by surprise; awestruck; bewildered by surprise; startled by something; gobsmacked; wide-eyed with surprise; staggered; shaken by surprise; agog; incredulous; puzzled by a surprise; jolted; amazed beyond words; shell-shocked; floored",
        "noun": "surprise; astonishment; amazement; shock; wonder; bewilderment; disbelief",
        "do": "gasp in surprise; look as if something unexpected happened",
    },
    "sadness": {
        "adj": "sad; unhappy; sorrowful; gloomy; miserable; heartbroken; mournful; melancholic; downcast; down; blue; downhearted; dejected; grief-stricken; teary; glum; crestfallen; woeful; saddened; despondent; tearful; disheartened; sad and low; heavy-hearted; forlorn; about to cry; close to tears; on the verge of tears; teary-eyed; in low spirits; grieving; hurt; depressed-looking; dispirited; despairing; weepy; mopey; morose; dismal; desolate; in grief; hopeless; wretched; sombre; pained by grief; discouraged; full of sorrow; brokenhearted; in despair",
        "noun": "sadness; sorrow; grief; unhappiness; melancholy; misery; gloom; dejection; heartache; despair",
        "do": "mourn; grieve; feel down",
    },
    "anger": {
        "adj": "angry; mad; furious; annoyed; irritated; enraged; cross; livid; outraged; irate; fuming; hostile; pissed off; angered; infuriated; aggravated; wrathful; frustrated; aggressive; ticked off; hopping mad; in a rage; seething; resentful; grumpy; about to explode; in a temper; boiling with rage; indignant; provoked; bitter; incensed; vexed; irked; exasperated; raging; heated; displeased and angry; choleric; miffed; peeved; steaming; hot-headed; spiteful; hateful; wild with rage; beside oneself with anger; out for blood",
        "noun": "anger; rage; fury; annoyance; irritation; wrath; hostility; frustration; aggression; outrage",
        "do": "rage; fume; seethe",
    },
    "disgust": {
        "adj": "disgusted; repulsed; revolted; repelled; grossed out; sickened; appalled; put off; nauseated by something; turned off; as if something smelled bad; creeped out; queasy with disgust; sick of what is there; nauseous from disgust; loathing it; averse; repelled by something; squeamish; offended by a bad taste; filled with revulsion; full of distaste; grossed out by something; sickened by it",
        "noun": "disgust; revulsion; repulsion; aversion; distaste; repugnance; loathing; nausea",
        "do": "find something gross; recoil in disgust",
    },
    "fear": {
        "adj": "afraid; scared; frightened; fearful; terrified; worried; nervous; anxious; alarmed; panicked; petrified; horrified; spooked; scared to death; intimidated; panicky; apprehensive; full of fear; frightened out of the wits; threatened; timid; uneasy; terror-stricken; scared stiff; in panic; shaking with fear; daunted; tense with fear; concerned; worried sick; jumpy; on edge; fear-stricken; dismayed; rattled; aghast; jittery; trembling; paralysed by fear; in terror; insecure; shaken; panic-stricken; tense and afraid; wary; edgy; cowering; phobic",
        "noun": "fear; terror; panic; fright; alarm; worry; anxiety; dread; horror; apprehension; nervousness",
        "do": "panic; fear something; tremble with fear",
    },
    "contempt": {
        "adj": "contemptuous; scornful; disdainful; sneering; condescending; dismissive; haughty; derisive; smug; full of contempt; superior; mocking; arrogant; full of scorn; snooty; supercilious; sardonic; patronising; disparaging; scoffing; cynical; snobbish; withering; belittling; sneery; disrespectful; self-satisfied; holier-than-thou; stuck-up; jeering",
        "noun": "contempt; scorn; disdain; derision; a sneer; condescension; smugness; mockery; disrespect",
        "do": "sneer; look down on somebody; despise something",
    },
    "neutral": {
        "adj": "neutral; expressionless; emotionless; blank; deadpan; poker-faced; impassive; unemotional; indifferent; without any emotion; devoid of emotion; stony-faced; unmoved; neutral in expression; free of emotion; unexpressive; stoic; vacant; inexpressive; wooden; straight-faced; dispassionate; unaffected; nonchalant; bland; detached; aloof; unreadable; unperturbed",
        "noun": "a neutral expression; a blank expression; a poker face; neutrality; a deadpan face; no particular emotion; a neutral face; indifference; an expressionless face; a blank stare; no emotion at all; a neutral look",
        "do": "show no emotion; show nothing at all; keep a straight face; feel nothing in particular",
        "-adj": "emotional; expressive; moved by an emotion",
        "-noun": "a strong emotion; a clear emotion; an emotional expression; an emotion; any emotion; any particular feeling; much emotion",
    },
    "pleasant": {
        "adj": "in a good mood; positive; in a positive mood; feeling good; feeling well in mood; comfortable with it; upbeat; feeling great; feeling positive; feeling fine emotionally; good-humoured; in good spirits; feeling nice; optimistic; comfortable; well disposed; friendly; feeling wonderful",
        "noun": "a positive mood; a good mood; positive feelings; a positive emotion; good feelings; a pleasant feeling; positive affect; a positive expression; a pleasant expression; positivity",
        "do": "feel good; like what is going on",
    },
    "unpleasant": {
        "adj": "in a bad mood; negative; upset; displeased; in a negative mood; feeling bad; distressed; troubled; dissatisfied; feeling awful; out of sorts; disturbed; bothered; discontented; feeling negative; in a foul mood; uncomfortable; cheerless; feeling terrible; suffering; grim; pained; irritable; unwell in mood; feeling lousy; pessimistic; unsettled; tormented; stressed; tense",
        "noun": "a negative mood; a bad mood; negative feelings; a negative emotion; displeasure; discomfort; distress; negative affect; an unpleasant feeling; a negative expression; negativity; dissatisfaction",
        "do": "feel bad; dislike what is going on",
    },
    "lively": {
        "adj": "excited; energetic; animated; agitated; lively; full of energy; hyper; aroused; worked up; vivid; pumped up; highly aroused; stirred up; enthusiastic; restless; wound up; hyped; buzzing; electrified; spirited; frantic; hectic; perky; vigorous; vivacious; fired up; intense; bouncy; alert; active; wide awake",
        "noun": "excitement; a lot of energy; high arousal; agitation; liveliness; high energy; enthusiasm; strong arousal; animation",
        "do": "burst with energy; seem full of life",
    },
    "calm": {
        "adj": "calm; relaxed; at ease; serene; peaceful; tranquil; quiet; laid-back; composed; low in energy; sluggish; subdued; placid; settled; at peace; drowsy; chilled out; bored; sleepy; mellow; cool; unhurried; restful; lethargic; passive; sedate; unruffled; weary; dozy; soothed; tired; easy-going",
        "noun": "calm; calmness; relaxation; serenity; low arousal; peace; little energy; tranquility; a relaxed expression; composure; boredom",
        "do": "take it easy; stay calm; relax",
    },
}  # fmt: skip

# One wording that says several things at once: (text, {aspect: said to be there}).
SEVERAL: tuple[tuple[str, dict[str, bool]], ...] = (
    ("S {be} laughing", {"smile": True, "mouth_open": True}),
    ("S {be} laughing out loud", {"smile": True, "mouth_open": True}),
    ("S {be} smiling with closed lips", {"smile": True, "mouth_open": False}),
    ("S {be} smiling with an open mouth", {"smile": True, "mouth_open": True}),
    ("S {be} smiling at the camera", {"smile": True, "looking_at_camera": True}),
    ("S {be} staring at us with wide eyes", {"eyes_wide": True, "looking_at_camera": True}),
    ("S {be} gasping with raised brows", {"mouth_open": True, "brows_raised": True}),
    ("S {be} smiling happily", {"smile": True, "happiness": True}),
    ("B* eyebrows {be} raised on both the inner and the outer side", {"inner_brows_raised": True, "outer_brows_raised": True}),
    ("S {be} looking down and to the left", {"looking_down": True, "looking_left": True}),
    ("S {be} looking up and to the right", {"looking_up": True, "looking_right": True}),
    ("S {be} looking down to the right", {"looking_down": True, "looking_right": True}),
    ("S {be} looking up to the left", {"looking_up": True, "looking_left": True}),
    ("B face {be} dark and blurred", {"dark": True, "blurred": True}),
    ("B smile faded", {"smile": False}),
    ("the smile disappeared", {"smile": False}),
    ("a smile appeared on B face", {"smile": True}),
    ("S stopped smiling", {"smile": False}),
    ("S began to smile", {"smile": True}),
    ("B mouth opened", {"mouth_open": True}),
    ("B mouth has closed", {"mouth_open": False}),
    ("B* eyebrows went up", {"brows_raised": True}),
    ("B* brows came down again", {"brows_raised": False}),
    ("S started to frown", {"brows_lowered": True}),
    ("the frown went away", {"brows_lowered": False}),
    ("S closed B eyes", {"eyes_closed": True}),
    ("S opened B eyes", {"eyes_closed": False}),
    ("S turned B head to the left", {"head_left": True}),
    ("S turned B head to the right", {"head_right": True}),
    ("S looked away", {"looking_at_camera": False}),
    ("the furrowed brows and the tightly pressed lips", {"brows_lowered": True, "mouth_open": False}),
    ("raised eyebrows and a slightly open mouth", {"brows_raised": True, "mouth_open": True}),
    ("wide eyes and raised eyebrows", {"eyes_wide": True, "brows_raised": True}),
    ("B* lips {be} pressed together and the corners are turned down", {"mouth_open": False, "corners_down": True}),
    ("B mouth cannot be seen", {"mouth_covered": True}),
    ("you can't see B mouth", {"mouth_covered": True}),
    ("I can see B mouth clearly", {"mouth_covered": False}),
    ("B* eyes cannot be seen", {"eyes_covered": True}),
    ("you can't see B eyes", {"eyes_covered": True}),
    ("I can see both of B eyes", {"eyes_covered": False}),
    ("B* eyebrows cannot be seen", {"brows_covered": True}),
    ("you can't see B eyebrows", {"brows_covered": True}),
    ("part of B face cannot be seen", {"face_covered": True}),
    ("nothing covers B face", {"face_covered": False}),
    ("nothing is in front of B mouth", {"mouth_covered": False}),
    ("nobody is in the picture", {"no_face": True}),
    ("there is nobody in this photo", {"no_face": True}),
    ("B face fits completely into the picture", {"cut_off": False}),
    ("B expression gives nothing away", {"neutral": True}),
    ("you can hardly see B face because it is so dark", {"dark": True}),
    ("S {be} looking me straight in the eyes", {"looking_at_camera": True}),
    ("S {be} looking anywhere but at the camera", {"looking_at_camera": False}),
    ("S {be} sulking with a pouting mouth", {"corners_down": True}),
    ("B* eyes and B mouth are wide open", {"eyes_wide": True, "mouth_open": True}),
    ("both B* eyes and B mouth are closed", {"eyes_closed": True, "mouth_open": False}),
    ("S {be} frowning and looking down", {"brows_lowered": True, "looking_down": True}),
    ("S {be} wearing glasses and a mask", {"glasses": True, "mouth_covered": True}),
    ("S {be} wearing neither glasses nor a mask", {"glasses": False, "mouth_covered": False}),
    ("S {be} grinning with closed eyes", {"smile": True, "eyes_closed": True}),
    ("S {be} smiling but the eyes are not wide", {"smile": True, "eyes_wide": False}),
    ("S {be} in tears with a drooping mouth", {"corners_down": True}),
)  # fmt: skip
