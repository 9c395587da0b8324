# ruff: noqa: E501  (tables)
"""More words for facts: slang, clinical, old-fashioned, short forms (training side only); syntax of `wordings_aspects`."""

from __future__ import annotations

FACTS_MORE: dict[str, dict[str, str]] = {
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
