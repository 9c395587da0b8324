"""Who is spoken of, and in which terms: plain, by their part in life, fondly, rudely (training side only)."""

from __future__ import annotations

from random import Random

# (who, whose, several)
PLAIN: tuple[tuple[str, str, bool], ...] = (
    ("she", "her", False), ("he", "his", False), ("she", "her", False), ("he", "his", False), ("they", "their", True),
    ("this person", "this person's", False), ("the person", "the person's", False), ("the man", "his", False),
    ("the woman", "her", False), ("this man", "his", False), ("the girl", "her", False), ("the boy", "his", False),
    ("the guy", "his", False), ("the lady", "her", False), ("that guy", "his", False),
    ("this woman", "the woman's", False),
    ("somebody", "their", False), ("the subject", "the subject's", False), ("the individual", "their", False),
    ("my friend", "my friend's", False), ("the patient", "the patient's", False), ("the customer", "their", False),
    ("the driver", "the driver's", False), ("the student", "the student's", False), ("my son", "his", False),
    ("Anna", "Anna's", False), ("Peter", "his", False), ("the child", "the child's", False), ("my wife", "her", False),
    ("the face", "its", False), ("this face", "the", False), ("the person in the picture", "the", False),
    ("the user", "the user's", False), ("it", "the", False), ("she", "the", False), ("he", "the", False),
)  # fmt: skip

_MEN = [
    "man",
    "guy",
    "boy",
    "dude",
    "bloke",
    "chap",
    "fellow",
    "fella",
    "lad",
    "gentleman",
    "father",
    "dad",
    "daddy",
    "uncle",
    "grandpa",
    "grandfather",
    "brother",
    "son",
    "husband",
    "boyfriend",
    "waiter",
    "policeman",
    "actor",
    "king",
    "prince",
    "monk",
    "nephew",
    "grandson",
    "groom",
    "salesman",
    "fisherman",
]
_WOMEN = [
    "woman",
    "girl",
    "lady",
    "gal",
    "lass",
    "mother",
    "mom",
    "mum",
    "mommy",
    "aunt",
    "grandma",
    "grandmother",
    "granny",
    "sister",
    "daughter",
    "wife",
    "girlfriend",
    "waitress",
    "actress",
    "queen",
    "princess",
    "nun",
    "niece",
    "granddaughter",
    "bride",
    "miss",
    "missus",
    "saleswoman",
]
_ANYBODY = [
    "person",
    "individual",
    "subject",
    "patient",
    "customer",
    "driver",
    "student",
    "child",
    "kid",
    "baby",
    "toddler",
    "boss",
    "teacher",
    "doctor",
    "neighbour",
    "friend",
    "witness",
    "applicant",
    "passenger",
    "employee",
    "colleague",
    "visitor",
    "guest",
    "suspect",
    "client",
    "player",
    "singer",
    "speaker",
    "user",
    "participant",
    "candidate",
    "pupil",
    "cop",
    "nurse",
    "soldier",
    "stranger",
    "human",
    "model",
    "viewer",
    "worker",
    "teenager",
    "professor",
    "musician",
    "chef",
    "worshipper",
    "respondent",
    "cashier",
    "pedestrian",
    "owner",
    "referee",
    "judge",
    "cyclist",
    "athlete",
    "poet",
]
_RUDE = [
    "idiot",
    "moron",
    "loser",
    "brat",
    "crybaby",
    "jerk",
    "clown",
    "fool",
    "creep",
    "freak",
    "weirdo",
    "wreck",
    "wimp",
    "slob",
    "snob",
    "brute",
    "bugger",
    "prick",
    "dummy",
    "blockhead",
    "twit",
    "prat",
    "sod",
    "nutter",
    "weasel",
    "bum",
    "pig",
    "rascal",
    "scoundrel",
    "goon",
    "punk",
    "bully",
    "dork",
    "nerd",
    "simpleton",
    "donkey",
    "sucker",
    "arsehole",
    "asshole",
    "cretin",
    "troll",
    "lunatic",
]
_RUDE_MEN = ["bastard", "geezer", "git", "wanker", "old_fart", "old_goat", "dickhead", "twat"]
_RUDE_WOMEN = ["hag", "witch", "bitch", "cow", "old_bat", "crone", "shrew", "diva", "old_hen", "cat_lady"]
_DETERMINERS = ("the", "this", "that", "the", "my", "our", "your")
_PLAIN_ADJECTIVES = [
    "old",
    "young",
    "little",
    "tall",
    "poor",
    "dear",
    "lovely",
    "sweet",
    "strange",
    "tiny",
    "big",
    "elderly",
    "nice",
    "other",
    "first",
    "second",
    "quiet",
    "famous",
    "new",
    "blond",
    "bearded",
    "short",
]
_RUDE_ADJECTIVES = [
    "old",
    "stupid",
    "bloody",
    "damn",
    "silly",
    "ungrateful",
    "lazy",
    "ugly",
    "fat",
    "fucking",
    "so-called",
    "rude",
    "mean",
    "nasty",
    "dumb",
    "idiotic",
    "filthy",
    "sodding",
    "goddamn",
    "pathetic",
    "useless",
    "smelly",
]
_NAMES = [
    "Maria",
    "Ahmed",
    "John",
    "Mary",
    "Tom",
    "Emma",
    "Lucas",
    "Olga",
    "Yuki",
    "Fatima",
    "Carlos",
    "Priya",
    "Kofi",
    "Ingrid",
    "Boris",
    "Mei",
    "Hassan",
    "Chloe",
    "Ravi",
    "Lena",
    "Marco",
    "Sofia",
    "Nils",
    "Aisha",
    "Viktor",
    "Jane",
    "Bob",
    "Alice",
    "Sam",
    "Kim",
    "Grandpa",
    "Grandma",
    "Mum",
    "Dad",
    "Mom",
    "Mr_Smith",
    "Mrs_Jones",
    "Aunt_Zelda",
    "Uncle_Bob",
    "Dr_Lee",
]
# Behind who is spoken of; what it says is not asked.
_WHO = (
    " who robbed me",
    " who lied to me",
    " who loves me",
    " I love",
    " I married",
    " who hit my car",
    " who hates me",
    " I met yesterday",
    " next door",
    " from the bank",
    " who stole my bike",
    " with the ugly mug",
    " of my dreams",
)
_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ra",
    "zen",
    "tho",
    "bri",
    "qua",
    "del",
    "fi",
    "nor",
    "ush",
    "pol",
    "dra",
    "vi",
    "sel",
    "jo",
    "hun",
    "ber",
]


def person(rng: Random) -> tuple[str, str, bool]:
    """(who, whose, several) of anybody."""
    roll = rng.random()
    if roll < 0.55:
        return rng.choice(PLAIN)
    if roll < 0.65:
        name = rng.choice(_NAMES).replace("_", " ") if rng.random() < 0.7 else _invented(rng)
        return name, rng.choice((name + "'s", "his", "her")), False
    is_rude = rng.random() < 0.4
    name, whose = _noun(rng, is_rude)
    adjectives = _RUDE_ADJECTIVES if is_rude else _PLAIN_ADJECTIVES
    adjective = rng.choice(adjectives) + " " if rng.random() < (0.6 if is_rude else 0.3) else ""
    who = f"{rng.choice(_DETERMINERS)} {adjective}{name}"
    if rng.random() < 0.05:
        who += rng.choice(_WHO)
    elif rng.random() < 0.06:
        who += rng.choice((" here", " over there", " in the picture", " on the photo", " in this shot", " on screen"))
    return who, whose if rng.random() < 0.7 else f"{who}'s", False


def noun(rng: Random) -> str:
    """What somebody is called behind an article."""
    return rng.choice(rng.choice((_ANYBODY, _MEN, _WOMEN))).replace("_", " ")


def _noun(rng: Random, is_rude: bool) -> tuple[str, str]:
    tables = (
        ((_RUDE, None), (_RUDE_MEN, "his"), (_RUDE_WOMEN, "her"))
        if is_rude
        else ((_ANYBODY, None), (_MEN, "his"), (_WOMEN, "her"))
    )
    nouns, whose = rng.choice(tables)
    return rng.choice(nouns).replace("_", " "), whose or rng.choice(("his", "her", "their"))


def _invented(rng: Random) -> str:
    """A name that no vocabulary holds."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()
